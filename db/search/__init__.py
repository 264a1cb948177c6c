"""Finding passages for a question among those that its readers may see."""
