"""Those who hand notices over to receivers."""
