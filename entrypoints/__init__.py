"""Where everything is put together and started: settings, container, server, command line."""
