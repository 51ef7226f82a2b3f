echo one
echo two  # kept
