/** What a schema lacks of another one, and what it leaves without a description. */
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  print,
} from 'graphql';

/** Everything that is in `wanted` and not in `built`, each as a short text; more in `built` is fine. */
export function missingFrom(built: GraphQLSchema, wanted: GraphQLSchema): string[] {
  const there = new Set(ownTypes(built).flatMap(facts));
  return ownTypes(wanted)
    .flatMap(facts)
    .filter((fact) => !there.has(fact));
}

/** One text for each thing that a client can rely on. */
function facts(type: GraphQLNamedType): string[] {
  const { name } = type;
  const list = [name, `${name} is ${type.constructor.name}`];
  if (isObjectType(type) || isInterfaceType(type)) {
    list.push(...type.getInterfaces().map((each) => `${name} implements ${each.name}`));
    for (const field of Object.values(type.getFields())) {
      list.push(`${name}.${field.name}`, `${name}.${field.name}: ${field.type}`);
      list.push(...field.args.flatMap((arg) => argumentFacts(`${name}.${field.name}(${arg.name})`, arg)));
    }
  }
  if (isInputObjectType(type)) {
    list.push(
      ...Object.values(type.getFields()).flatMap((field) => argumentFacts(`${name}.${field.name}`, field)),
    );
  }
  if (isEnumType(type)) list.push(...type.getValues().map((value) => `${name}.${value.name}`));
  if (isUnionType(type)) list.push(...type.getTypes().map((member) => `${name} = ${member.name}`));
  return list;
}

function argumentFacts(
  place: string,
  { type, defaultValue }: Pick<GraphQLArgument, 'type' | 'defaultValue'>,
): string[] {
  const literal = astFromValue(defaultValue, type);
  return [place, `${place}: ${type}`, `${place} = ${literal == null ? 'none' : print(literal)}`];
}

/** Places without a description, in the schema's order. */
export function undescribed(schema: GraphQLSchema): string[] {
  return ownTypes(schema).flatMap((type) =>
    described(type)
      .filter(({ description }) => (description ?? '').trim() === '')
      .map(({ place }) => place),
  );
}

interface Described {
  readonly place: string;
  readonly description?: string | null | undefined;
}

function described(type: GraphQLNamedType): Described[] {
  const { name } = type;
  const list: Described[] = [{ place: name, description: type.description }];
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      const place = `${name}.${field.name}`;
      list.push({ place, description: field.description });
      list.push(
        ...field.args.map((arg) => ({ place: `${place}(${arg.name})`, description: arg.description })),
      );
    }
  }
  const parts = isEnumType(type)
    ? type.getValues()
    : isInputObjectType(type)
      ? Object.values(type.getFields())
      : [];
  list.push(...parts.map((part) => ({ place: `${name}.${part.name}`, description: part.description })));
  return list;
}

function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
}
