"""Pure rules: facts, commands, and functions. No I/O, clock, chance, ids or framework."""
