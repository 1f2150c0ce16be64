import { massageSelector, rowFilter } from 'pouchdb-selector-core';
import { CouchError } from './errors.ts';
import { isObject } from './json.ts';

/** A Mango selector. */
export type Selector = Readonly<Record<string, unknown>>;

const isAnything = (): boolean => true;
const areSelectors = (argument: unknown): boolean => Array.isArray(argument) && argument.every(isObject);

/** What CouchDB takes as the argument of each operator; the library would fail on the first document that it looks at. */
const ARGUMENTS: Readonly<Record<string, (argument: unknown) => boolean>> = {
  $eq: isAnything,
  $ne: isAnything,
  $gt: isAnything,
  $gte: isAnything,
  $lt: isAnything,
  $lte: isAnything,
  $exists: (argument) => typeof argument === 'boolean',
  $type: (argument) => ['null', 'boolean', 'number', 'string', 'array', 'object'].includes(String(argument)),
  $in: Array.isArray,
  $nin: Array.isArray,
  $all: Array.isArray,
  $size: (argument) => Number.isInteger(argument) && Number(argument) >= 0,
  $mod: (argument) => Array.isArray(argument) && argument.length === 2 && argument.every(Number.isInteger) && argument[0] !== 0,
  $regex: isRegex,
  $elemMatch: isObject,
  $allMatch: isObject,
  $and: areSelectors,
  $or: areSelectors,
  $nor: areSelectors,
  $not: isObject,
};

/**
 * Tells which documents match.
 * @throws CouchError 400 when it is no selector; what is returned throws it for what the library cannot match.
 */
export function matcher(selector: Selector): (document: object) => boolean {
  const massaged = orRefused(() => massageSelector(explicit(selector)));
  const fields = Object.keys(massaged);
  return (document) => orRefused(() => rowFilter(document, massaged, fields));
}

/** Every condition an operator, and every field a path: the library takes a bare list for operators, and looks for no field inside one that is missing. */
function explicit(selector: Selector, path = ''): Record<string, unknown> {
  const parts = Object.entries(selector).map(([name, condition]): [string, unknown][] => {
    if (name.startsWith('$')) return [[name, argumentOf(name, condition)]];
    const field = path + name;
    if (!isObject(condition)) return [[field, { $eq: condition }]];
    const operators = Object.entries(condition).filter(([inner]) => inner.startsWith('$'));
    const inside = Object.entries(condition).filter(([inner]) => !inner.startsWith('$'));
    const own: [string, unknown][] = inside.length > 0 && operators.length === 0 ? [] : [[field, explicit(Object.fromEntries(operators))]];
    return [...own, ...Object.entries(explicit(Object.fromEntries(inside), `${field}.`))];
  });
  return Object.fromEntries(parts.flat());
}

function argumentOf(operator: string, argument: unknown): unknown {
  const isTaken = Object.hasOwn(ARGUMENTS, operator) ? ARGUMENTS[operator] : undefined;
  if (isTaken === undefined) throw new CouchError(400, 'invalid_operator', `Invalid operator: ${operator}`);
  if (!isTaken(argument)) throw new CouchError(400, 'bad_arg', `Bad argument for operator ${operator}: ${JSON.stringify(argument)}`);
  if (areSelectors(argument) && ['$and', '$or', '$nor'].includes(operator)) return (argument as Selector[]).map((part) => explicit(part));
  return isObject(argument) && ['$not', '$elemMatch', '$allMatch'].includes(operator) ? explicit(argument) : argument;
}

function isRegex(argument: unknown): boolean {
  if (typeof argument !== 'string') return false;
  try {
    new RegExp(argument);
    return true;
  } catch {
    return false;
  }
}

function orRefused<T>(match: () => T): T {
  try {
    return match();
  } catch (error) {
    if (error instanceof CouchError) throw error;
    throw new CouchError(400, 'invalid_selector_json', `Invalid selector: ${(error as Error).message}`);
  }
}
