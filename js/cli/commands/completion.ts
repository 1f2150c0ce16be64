// `dacc completion`: prints a script that completes commands in a shell.

import { Argument, type Command, type Option } from 'commander'
import { oneOf } from '../options/flag-values.ts'
import { Output } from '../terminal/output.ts'

// The scripts are complete and generated from the commands. A script that asked the program at each key would
// have to start Node each time.

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** Adds `dacc completion` to the program. */
export function completion(dacc: Command): void {
  dacc
    .command('completion')
    .summary('print what makes a shell complete commands, flags and files')
    .description(
      'Prints a script that makes your shell complete the commands, flags and files of\ndacc. It changes with dacc: let the shell ask for it each time it starts.',
    )
    .addArgument(new Argument('<shell>', SHELLS.join(', ')).argParser(oneOf('shell', SHELLS)))
    .addHelpText(
      'after',
      `
Examples:
  source <(dacc completion bash)     in ~/.bashrc
  source <(dacc completion zsh)      in ~/.zshrc, after compinit
  dacc completion fish | source      in ~/.config/fish/config.fish`,
    )
    .action(async (shell: Shell) => {
      const output = new Output()
      await output.line({ bash, zsh, fish }[shell](dacc.commands.map(described)))
      await output.flush()
    })
}

/** What a script needs to know of a command. */
interface Described {
  name: string
  summary: string
  flags: Flag[]
  /** The arguments; words where only some are possible. */
  arguments: Value[]
}

interface Flag {
  name: string
  description: string
  /** Undefined for a flag without a value. */
  value: Value | undefined
  repeats: boolean
}

interface Value {
  name: string
  words: readonly string[]
  isFile: boolean
}

function described(command: Command): Described {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== undefined)
  return {
    name: command.name(),
    summary: command.summary(),
    flags: options.map(flag),
    arguments: command.registeredArguments.map((argument) => value(argument.name(), argument.parseArg)),
  }
}

function flag(option: Option): Flag {
  const [, name] = /[<[]([^>\]]+)/.exec(option.flags) ?? []
  return {
    name: option.long ?? '',
    description: option.description.replace(/\s+/g, ' '),
    value: name === undefined ? undefined : value(name, option.parseArg),
    repeats: /\brepeatable\b/.test(option.description),
  }
}

function value(name: string, parse: unknown): Value {
  const words = typeof parse === 'function' && 'words' in parse ? (parse.words as readonly string[]) : []
  return { name, words, isFile: /file|home|folder/i.test(name) }
}

function bash(commands: readonly Described[]): string {
  const valued = commands.flatMap(({ name, flags, arguments: [first] }) => [
    ...flags.flatMap((each) =>
      each.value === undefined ? [] : [{ after: `'${name} ${each.name}'`, value: each.value }],
    ),
    ...(first === undefined || first.words.length === 0 ? [] : [{ after: `'${name} ${name}'`, value: first }]),
  ])
  const withWords = valued.filter(({ value }) => value.words.length > 0)
  const afterAny = (isFile: boolean) =>
    valued
      .filter(({ value }) => value.words.length === 0 && value.isFile === isFile)
      .map(({ after }) => after)
      .join('|')
  return `# Completion of dacc for bash: source <(dacc completion bash)
_dacc() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local command="\${COMP_WORDS[1]}" words='' IFS=$' \\t\\n'
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
  else case "$command $previous" in
${withWords.map(({ after, value }) => `    ${after}) words='${value.words.join(' ')}' ;;`).join('\n')}
    ${afterAny(true)})
      return ;;
    ${afterAny(false)})
      compopt +o default 2>/dev/null; return ;;
    *) case "$current" in -*) case "$command" in
${commands.map(({ name, flags }) => `      ${name}) words='${flags.map((each) => each.name).join(' ')}' ;;`).join('\n')}
    esac ;; esac ;;
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _dacc dacc`
}

function zsh(commands: readonly Described[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
  const plain = (text: string) => text.replace(/[[\]:\\]/g, '\\$&')
  const message = ({ name, words, isFile }: Value) =>
    `:${plain(name)}:${words.length > 0 ? `(${words.join(' ')})` : isFile ? '_files' : ' '}`
  const spec = ({ name, description, value, repeats }: Flag) =>
    quoted(`${repeats ? '*' : ''}${name}[${plain(description)}]${value === undefined ? '' : message(value)}`)
  const cases = commands.map((command) =>
    [
      `    ${command.name}) _arguments -S \\`,
      ...command.flags.map((each) => `      ${spec(each)} \\`),
      ...command.arguments.map((each, at) => `      ${quoted(`${at + 1}${message(each)}`)} \\`),
      '      ;;',
    ].join('\n'),
  )
  return `#compdef dacc
# Completion of dacc for zsh: source <(dacc completion zsh)
_dacc() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'command' commands -- '(--help --version)'
    return
  fi
  shift words
  (( CURRENT -= 1 ))
  case "$words[1]" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _dacc ]; then _dacc "$@"; else compdef _dacc dacc; fi`
}

function fish(commands: readonly Described[]): string {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`
  const lines = commands.flatMap(({ name, summary, flags, arguments: given }) => {
    const seen = `complete -c dacc -n '__fish_seen_subcommand_from ${name}'`
    const files = given.some(({ isFile }) => isFile) ? [`${seen} -F`] : []
    const words = given.flatMap((each) => each.words)
    return [
      `complete -c dacc -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...files,
      ...(words.length > 0 ? [`${seen} -a ${quoted(words.join(' '))}`] : []),
      ...flags.map((each) => `${seen} -l ${each.name.slice(2)}${fishValue(each.value)} -d ${quoted(each.description)}`),
    ]
  })
  return `# Completion of dacc for fish: dacc completion fish | source
complete -c dacc -f
${lines.join('\n')}`
}

function fishValue(value: Value | undefined): string {
  if (value === undefined) return ''
  if (value.isFile) return ' -r -F'
  return value.words.length > 0 ? ` -x -a '${value.words.join(' ')}'` : ' -x'
}
