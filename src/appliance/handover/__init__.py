"""In which form an appliance is handed over, and how it is put there."""
