// Writes what follows from the JSON Schemas of a catalog and of an app: the definitions of
// indicators into the schema of an app, and both as TypeScript into src/wasm/types.d.ts. So
// all of them say the same. `node js/schema-types.mjs` after a schema has changed; a test tells
// where that was forgotten.

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const CATALOG = new URL('../src/catalog/catalog.schema.json', import.meta.url)
const APP = new URL('../apps/app.schema.json', import.meta.url)
const TYPES = new URL('../src/wasm/types.d.ts', import.meta.url)

const BEGIN = '// What a catalog and an app are: made of their schemas by js/schema-types.mjs.\n'
const END = '// End of what a catalog and an app are.\n'

/** Definitions that each schema has of its own: a catalog of the built-in app knows its types and fields. */
const OWN = ['eventType', 'fieldName']

/** Definitions of a catalog that an app has no use for: they change what is built in. */
const OF_CATALOGS = ['catalog', 'change']

/** Names that say more than the schema's, where these stand alone. */
const NAMES = {
  catalog: 'Catalog',
  definition: 'Indicator',
  fieldName: 'EventField',
  eventType: 'EventType',
  snapshotValue: 'IndicatorSnapshot',
  app: 'AppDescription',
  eventSource: 'AppSource',
  eventField: 'AppField',
  fieldKind: 'AppFieldKind',
}

/** What a type is told: which types of events there are, and which fields. */
const PARAMETERS = { eventType: 'Type', fieldName: 'Field' }

const capital = (name) => name[0].toUpperCase() + name.slice(1)
const nameOf = (definition) => NAMES[definition] ?? `Indicator${capital(definition)}`
const literal = (value) => JSON.stringify(value)
const definitionOf = (schema) => schema.$ref.replace('#/$defs/', '')

/** A definition that is only a text has no name of its own. */
const isPlain = (schema) => schema.type === 'string' && schema.enum === undefined

/** The parameters of a definition: those that it, or what it is made of, names. */
function parametersOf(name, definitions, seen = new Set()) {
  if (name in PARAMETERS) return [PARAMETERS[name]]
  if (seen.has(name)) return []
  seen.add(name)
  const found = new Set()
  const visit = (schema) => {
    if (typeof schema !== 'object' || schema === null) return
    if (schema.$ref !== undefined)
      for (const parameter of parametersOf(definitionOf(schema), definitions, seen)) found.add(parameter)
    else for (const inner of Object.values(schema)) visit(inner)
  }
  visit(definitions[name])
  return Object.values(PARAMETERS).filter((parameter) => found.has(parameter))
}

const inBrackets = (texts) => (texts.length === 0 ? '' : `<${texts.join(', ')}>`)

function typeOf(schema, definitions) {
  if (schema.$ref !== undefined) {
    const name = definitionOf(schema)
    if (name in PARAMETERS) return PARAMETERS[name]
    return isPlain(definitions[name]) ? 'string' : `${nameOf(name)}${inBrackets(parametersOf(name, definitions))}`
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
  if (minItems === 2 && maxItems === 2) return `readonly [${type}, ${type}]`
  return / \| /.test(type) ? `readonly (${type})[]` : `readonly ${type}[]`
}

const comment = (text, indent = '') => (text === undefined ? '' : `${indent}/** ${text} */\n`)

function declare(name, schema, definitions, defaults) {
  const { description, properties, required = [] } = schema
  const parameters = name in PARAMETERS ? [] : parametersOf(name, definitions)
  const declared = `${nameOf(name)}${inBrackets(parameters.map((one) => `${one} extends string = ${defaults[one]}`))}`
  if (properties === undefined)
    return `${comment(description)}export type ${declared} = ${typeOf(schema, definitions)};\n`
  const fields = Object.entries(properties).map(([field, inner]) => {
    const isNeeded = required.includes(field)
    return `${comment(inner.description, '  ')}  ${field}${isNeeded ? '' : '?'}: ${typeOf(inner, definitions)}${isNeeded ? '' : ' | undefined'};\n`
  })
  return `${comment(description)}export interface ${declared} {\n${fields.join('')}}\n`
}

/** The declarations that the two schemas stand for; of what both define, one. */
export function declarations(catalog, app) {
  const made = (definitions, defaults, isWanted) =>
    Object.entries(definitions)
      .filter(([name, inner]) => !isPlain(inner) && isWanted(name))
      .map(([name, inner]) => declare(name, inner, definitions, defaults))
  return [
    ...made(catalog.$defs, { Type: 'EventType', Field: 'EventField' }, () => true),
    ...made(app.$defs, { Type: 'string', Field: 'string' }, (name) => !(name in catalog.$defs)),
  ].join('\n')
}

/** The file of types with these declarations in their place. */
export function withDeclarations(types, catalog, app) {
  const [before, rest] = types.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error('src/wasm/types.d.ts has no place for what a catalog and an app are')
  return `${before}${BEGIN}\n${declarations(catalog, app)}\n${END}${after}`
}

/** The schema of an app with the definitions of indicators that the schema of a catalog has. */
export function withIndicators(app, catalog) {
  const isOwn = (name) => OWN.includes(name) || !(name in catalog.$defs)
  const isShared = (name) => !OWN.includes(name) && !OF_CATALOGS.includes(name)
  const $defs = Object.fromEntries([
    ...Object.entries(app.$defs).filter(([name]) => isOwn(name)),
    ...Object.entries(catalog.$defs).filter(([name]) => isShared(name)),
  ])
  return { ...app, $defs }
}

const WIDTH = 120

/** JSON as the schemas are written: a value on one line where it fits, a list of texts filled into lines. */
export function format(value, before = '', after = 0) {
  const indent = before.match(/^ */)[0]
  const short = onOneLine(value)
  if (before.length + short.length + after <= WIDTH || typeof value !== 'object' || value === null) return short
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== 'object')) return `[\n${filled(value, inner)}\n${indent}]`
    const lines = value.map((one, at) => `${inner}${format(one, inner, at < value.length - 1 ? 1 : 0)}`)
    return `[\n${lines.join(',\n')}\n${indent}]`
  }
  const entries = Object.entries(value)
  const lines = entries.map(([key, one], at) => {
    const name = `${inner}${JSON.stringify(key)}: `
    return `${name}${format(one, name, at < entries.length - 1 ? 1 : 0)}`
  })
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function onOneLine(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  const entries = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function filled(values, indent) {
  const lines = ['']
  for (const [at, value] of values.entries()) {
    const text = `${JSON.stringify(value)}${at < values.length - 1 ? ',' : ''}`
    const last = lines.at(-1)
    if (last === '') lines[lines.length - 1] = text
    else if (indent.length + last.length + 1 + text.length > WIDTH - 8) lines.push(text)
    else lines[lines.length - 1] = `${last} ${text}`
  }
  return lines.map((line) => `${indent}${line}`).join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [catalog, app] = await Promise.all([CATALOG, APP].map(async (file) => JSON.parse(await readFile(file, 'utf8'))))
  const whole = withIndicators(app, catalog)
  await writeFile(APP, `${format(whole)}\n`)
  await writeFile(TYPES, withDeclarations(await readFile(TYPES, 'utf8'), catalog, whole))
}
