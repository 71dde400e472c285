"""A former hotline's export: its mapping, its rows, what is wrong with them, and their replay as cases of ours."""
