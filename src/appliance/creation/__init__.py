"""How a kickstart becomes an appliance: what a request comes to, and the story of its creation."""
