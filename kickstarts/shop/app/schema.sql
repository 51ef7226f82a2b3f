CREATE TABLE goods (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    cents integer NOT NULL CHECK (cents > 0)
);

CREATE TABLE orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    goods integer NOT NULL REFERENCES goods,
    count integer NOT NULL CHECK (count > 0),
    at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO goods (name, cents) VALUES ('Teapot', 2900), ('Cup', 750), ('Spoon', 320);
