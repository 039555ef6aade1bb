import type { Declaration, Expression, Property } from './bicepParser';

/** What stands directly in an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'text': return expression.filled;
    case 'member': return [expression.of];
    case 'index': return [expression.of, expression.at];
    case 'call': return [expression.of, ...expression.given];
    case 'array': return expression.items;
    case 'object': return [...expression.properties.map(({ value }) => value), ...expression.nested.flatMap(expressionsOf)];
    case 'lambda': return [expression.body];
    case 'loop': return [expression.over, expression.body];
    case 'operation': return expression.parts;
    default: return [];
  }
}

/** What a declaration says, but for its type. */
export const expressionsOf = ({ value, condition }: Declaration): readonly Expression[] => [condition, value].filter((each) => each !== undefined);

/** An expression with everything in it. */
export const everything = (expression: Expression): readonly Expression[] => [expression, ...partsOf(expression).flatMap(everything)];

/** Names that are used and come from outside the expression; those of functions have `()`. */
export function namesIn(expression: Expression, known: readonly string[] = []): readonly string[] {
  if (expression.kind === 'name') return known.includes(expression.text) ? [] : [expression.text];
  if (expression.kind === 'call' && expression.of.kind === 'name') return [`${expression.of.text}()`, ...expression.given.flatMap((each) => namesIn(each, known))];
  if (expression.kind === 'lambda') return namesIn(expression.body, [...known, ...expression.names]);
  if (expression.kind === 'loop') return [...namesIn(expression.over, known), ...namesIn(expression.body, [...known, ...expression.names])];
  if (expression.kind === 'object') return namesInObject(expression, known);
  return partsOf(expression).flatMap((part) => namesIn(part, known));
}

/** Nested resources are known where they stand. */
function namesInObject({ properties, nested }: Extract<Expression, { kind: 'object' }>, known: readonly string[]): readonly string[] {
  const inner = [...known, ...nested.map(({ name }) => name)];
  return [...properties.map(({ value }) => value), ...nested.flatMap(expressionsOf)].flatMap((each) => namesIn(each, inner));
}

/** The object that a resource or module is, also where it is one of many. */
export function bodyOf(expression: Expression | undefined): Extract<Expression, { kind: 'object' }> | undefined {
  if (expression?.kind === 'loop' || expression?.kind === 'lambda') return bodyOf(expression.body);
  return expression?.kind === 'object' ? expression : undefined;
}

export const property = (expression: Expression | undefined, key: string): Expression | undefined => bodyOf(expression)?.properties.find((each) => each.key === key)?.value;

export const propertiesIn = (expression: Expression): readonly Property[] => everything(expression).flatMap((each) => (each.kind === 'object' ? each.properties : []));

/** The text of a text without anything filled in. */
export const plain = (expression: Expression | undefined): string | undefined => (expression?.kind === 'text' && expression.filled.length === 0 ? expression.texts[0] : undefined);
