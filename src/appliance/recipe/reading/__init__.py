"""How a kickstart says what a recipe holds: read once, and no word of it is passed over."""
