/** The declarations that the two schemas stand for; of what both define, one. */
export function declarations(catalog: unknown, app: unknown): string
/** The file of types with these declarations in their place. */
export function withDeclarations(types: string | undefined, catalog: unknown, app: unknown): string
/** The schema of an app with the definitions of indicators that the schema of a catalog has. */
export function withIndicators(app: unknown, catalog: unknown): unknown
/** JSON as the schemas are written: a value on one line where it fits, a list of texts filled into lines. */
export function format(value: unknown): string
