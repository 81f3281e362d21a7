/** Something invalid in a definition: the message names the field, what was expected and what was received. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}
