// Writes what a catalog is, in TypeScript, into src/wasm/types.d.ts: made of the
// JSON Schema, so that the two say the same. `node js/catalog-types.mjs` after the
// schema has changed; a test tells where that was forgotten.

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const SCHEMA = new URL('../src/catalog/catalog.schema.json', import.meta.url)
const TYPES = new URL('../src/wasm/types.d.ts', import.meta.url)

const BEGIN = '// What a catalog is: made of catalog.schema.json by js/catalog-types.mjs.\n'
const END = '// End of what a catalog is.\n'

/** Names that say more than the schema's, where these stand alone. */
const NAMES = {
  catalog: 'Catalog',
  definition: 'Indicator',
  fieldName: 'EventField',
  eventType: 'EventType',
  snapshotValue: 'IndicatorSnapshot',
}

const capital = (name) => name[0].toUpperCase() + name.slice(1)
const nameOf = (definition) => NAMES[definition] ?? `Indicator${capital(definition)}`
const literal = (value) => JSON.stringify(value)

/** A definition that is only a text has no name of its own. */
const isPlain = (schema) => schema.type === 'string'

function typeOf(schema, definitions) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/$defs/', '')
    return isPlain(definitions[name]) ? 'string' : nameOf(name)
  }
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(literal).join(' | ')
  if (schema.oneOf !== undefined) return schema.oneOf.map((one) => typeOf(one, definitions)).join(' | ')
  switch (schema.type) {
    case 'string':
      return 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return arrayOf(schema, definitions)
    case 'object':
      return `Record<string, ${typeOf(schema.additionalProperties, definitions)}>`
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`)
  }
}

function arrayOf({ items, minItems, maxItems }, definitions) {
  const type = typeOf(items, definitions)
  if (minItems !== undefined && minItems === maxItems)
    return `[${Array.from({ length: minItems }, () => type).join(', ')}]`
  return / \| /.test(type) ? `(${type})[]` : `${type}[]`
}

const comment = (text, indent = '') => (text === undefined ? '' : `${indent}/** ${text} */\n`)

function declare(name, schema, definitions) {
  const { description, properties, required = [] } = schema
  if (properties === undefined)
    return `${comment(description)}export type ${nameOf(name)} = ${typeOf(schema, definitions)};\n`
  const fields = Object.entries(properties).map(([field, inner]) => {
    const isNeeded = required.includes(field)
    return `${comment(inner.description, '  ')}  ${field}${isNeeded ? '' : '?'}: ${typeOf(inner, definitions)}${isNeeded ? '' : ' | undefined'};\n`
  })
  return `${comment(description)}export interface ${nameOf(name)} {\n${fields.join('')}}\n`
}

/** The declarations that a schema stands for. */
export function declarations(schema) {
  const { $defs } = schema
  const named = Object.entries($defs).filter(([, inner]) => !isPlain(inner))
  return named.map(([name, inner]) => declare(name, inner, $defs)).join('\n')
}

/** The file of types with these declarations in their place. */
export function withDeclarations(types, schema) {
  const [before, rest] = types.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error('src/wasm/types.d.ts has no place for what a catalog is')
  return `${before}${BEGIN}\n${declarations(schema)}\n${END}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [schema, types] = [JSON.parse(await readFile(SCHEMA, 'utf8')), await readFile(TYPES, 'utf8')]
  await writeFile(TYPES, withDeclarations(types, schema))
}
