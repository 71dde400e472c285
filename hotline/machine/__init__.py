"""The machine room: what is measured of the installation, when it becomes an alarm, whom that reaches, and uptime."""
