"""A shop of one page: what there is, and how many somebody orders."""

import os

import psycopg2
from flask import Flask, jsonify, redirect, render_template, request

app = Flask(__name__)


def ask(words, values=()):
    """Run one statement in a transaction of its own; return its rows, if it has any."""
    with psycopg2.connect(os.environ["DATABASE"]) as connection, connection.cursor() as cursor:
        cursor.execute(words, values)
        return cursor.fetchall() if cursor.description else []


@app.get("/")
def shelf():
    """Show what can be ordered."""
    goods = ask("SELECT id, name, cents FROM goods ORDER BY name")
    return render_template("shelf.html", goods=goods, shop=os.environ.get("SHOP_NAME", "Shop"))


@app.post("/orders")
def order():
    """Write down an order: the form's `goods` (an id) and `count`."""
    try:
        goods, count = int(request.form["goods"]), int(request.form["count"])
    except (KeyError, ValueError):
        return "Which, and how many?\n", 400
    known = ask("SELECT id FROM goods WHERE id = %s", (goods,))
    if not known or not 0 < count < 1000:
        return "There is no such thing, or not as many.\n", 400
    ask("INSERT INTO orders (goods, count) VALUES (%s, %s)", (goods, count))
    return redirect("/", 303)


@app.get("/health")
def health():
    """Say how many orders the database has."""
    return jsonify(orders=ask("SELECT count(*) FROM orders")[0][0])
