/** Something in a definition that can't be: the message names the field, what was expected and what came. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}
