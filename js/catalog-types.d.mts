/** The declarations that a schema stands for. */
export function declarations(schema: unknown): string
/** The file of types with these declarations in their place. */
export function withDeclarations(types: string | undefined, schema: unknown): string
