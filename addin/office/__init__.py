"""What the server of the add-in is given to serve; each folder is named as it asks."""
