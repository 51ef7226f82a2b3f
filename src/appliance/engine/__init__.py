"""How a plan is run: a worker in namespaces of its own, and what its steps find there."""
