"""Resolves packages, runs plans and keeps what they made."""
