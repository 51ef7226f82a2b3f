{% extends "parts/service/check.sh" %}
