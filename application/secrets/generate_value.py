"""Making up a value."""

from domain.ports.randomness import Randomness
from domain.secrets.generation import Recipe
from domain.secrets.value import SecretValue


def generate(recipe: Recipe, randomness: Randomness) -> SecretValue:
    """Draw each character evenly and by itself."""
    characters = recipe.characters
    drawn = (characters[randomness.below(len(characters))] for _ in range(recipe.length))
    return SecretValue("".join(drawn))


def settle(value: SecretValue | Recipe, randomness: Randomness) -> SecretValue:
    """Return the value that was sent, or generate the one that was ordered."""
    return generate(value, randomness) if isinstance(value, Recipe) else value
