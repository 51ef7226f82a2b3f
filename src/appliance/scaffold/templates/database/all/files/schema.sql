-- What is in the database from the first boot on.
CREATE TABLE greetings (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    text text NOT NULL
);

INSERT INTO greetings (text) VALUES ('Hello from {{ name }}');
