/** Input types in words, for the `expected` of BAD_USER_INPUT. */
import {
  type GraphQLInputType,
  type GraphQLType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
} from 'graphql';

const SCALARS: ReadonlyMap<string, string> = new Map([
  ['ID', 'an id as text'],
  ['String', 'text'],
  ['Int', 'a whole number'],
  ['Float', 'a number'],
  ['Boolean', 'true or false'],
  ['DateTime', 'an ISO 8601 date-time with a zone'],
  ['JSON', 'a JSON value'],
]);

/** What a value of this type looks like, for example `a list of text`. */
export function describeInput(type: GraphQLType | undefined): string {
  const plain = getNullableType(type);
  if (plain === undefined) return 'another value';
  if (isListType(plain)) return `a list of ${describeInput(plain.ofType)}`;
  if (isEnumType(plain)) {
    return `one of ${plain
      .getValues()
      .map(({ name }) => name)
      .join(', ')}`;
  }
  return isInputObjectType(plain)
    ? `an object (${plain.name})`
    : (SCALARS.get(String(plain)) ?? String(plain));
}

/** The fields of an input object, for an error about one that it does not have. */
export function describeFields(type: GraphQLInputType | undefined): string {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return 'a field that its object has';
  return `one of the fields ${Object.keys(named.getFields()).join(', ')}`;
}

/** The type of a list's items; a single value stands for a list of one. */
export function itemType(type: GraphQLInputType | undefined): GraphQLInputType | undefined {
  const plain = getNullableType(type);
  return isListType(plain) && isInputType(plain.ofType) ? plain.ofType : undefined;
}

/** The type of an input object's field. */
export function inputFieldType(
  type: GraphQLInputType | undefined,
  name: string,
): GraphQLInputType | undefined {
  const plain = getNullableType(type);
  return isInputObjectType(plain) ? plain.getFields()[name]?.type : undefined;
}
