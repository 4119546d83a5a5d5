"""How tests make people and things: through actions, so that every state is one that the application can reach."""
