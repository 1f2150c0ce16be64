import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, it } from 'node:test'
import { dacc, file, folder } from './process.ts'

const { stdout: overall } = await dacc(['--help'])
const commands = [...overall.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? '')

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await dacc(['completion', shell])
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  return path.join(folder, file(`dacc.${shell}`, stdout))
}

const missing = (shell: string) =>
  spawnSync(shell, ['-c', 'true']).error === undefined ? false : `${shell} is not here`

describe('dacc completion', () => {
  it('refuses a shell that it does not know', async () => {
    const { code, stdout, stderr } = await dacc(['completion', 'ksh'])
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 2, stdout: '', stderr: 'dacc: shell: "ksh" is not known; write bash, zsh or fish\n' },
    )
  })

  it('completes in bash, without any package of completions', { skip: missing('bash') }, async () => {
    const sourced = await script('bash')
    // As readline calls it: all words, the last of which is completed.
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '--norc',
          '--noprofile',
          '-c',
          `
      source "$1"; source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dacc 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          sourced,
          ...words,
        ],
        { encoding: 'utf8' },
      )
        .trim()
        .split('\n')
    assert.deepEqual(complete('dacc', 'pre'), ['preview'])
    assert.deepEqual(complete('dacc', ''), [...commands, '--help', '--version'])
    assert.deepEqual(complete('dacc', 'preview', '--clock', ''), ['wall', 'instant'])
    assert.deepEqual(complete('dacc', 'preview', '--clock', 'w'), ['wall'])
    assert.deepEqual(complete('dacc', 'run', '--dr'), ['--dry-run'])
    assert.deepEqual(complete('dacc', 'completion', ''), ['bash', 'zsh', 'fish'])
    // Nothing of ours: readline completes the file.
    assert.deepEqual(complete('dacc', 'check', 'meas'), [''])
    assert.match(
      execFileSync('bash', ['--norc', '-c', 'source "$1"; complete -p dacc', 'bash', sourced], { encoding: 'utf8' }),
      /-o default -F _dacc dacc/,
    )
  })

  it('completes in zsh', { skip: missing('zsh') }, async () => {
    const sourced = await script('zsh')
    const driver = file(
      'driver.zsh',
      `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell "PS1=''; autoload -U compinit; compinit -u -D; source $1; print READY''NOW"
      zpty -r -m shell seen '*READYNOW*'
      zpty -w -n shell "$2"$'\\t'
      seen=''
      repeat 100; do
        sleep 0.05
        while zpty -r -t shell piece; do seen+=$piece; done
        [[ $seen == *$~3* ]] && break
      done
      print -r -- "$seen"
      zpty -d shell`,
    )
    const complete = (line: string, awaited: string) =>
      execFileSync('zsh', ['-f', driver, sourced, line, awaited], {
        encoding: 'utf8',
        cwd: folder,
        timeout: 20_000,
      }).replace(/\u001b\[[\d;?]*[A-Za-z]/g, '')
    file('measures.ndjson', '{}')
    assert.match(complete('dacc pre', 'preview'), /dacc preview/)
    assert.match(complete('dacc preview --clock ', 'instant'), /instant +wall/)
    assert.match(complete('dacc check meas', 'ndjson'), /dacc check measures\.ndjson/)
  })

  it('completes in fish', { skip: missing('fish') }, async () => {
    const sourced = await script('fish')
    file('measures.ndjson', '{}')
    const complete = (line: string) =>
      execFileSync('fish', ['--no-config', '-c', `source ${sourced}; complete -C '${line}'`], {
        encoding: 'utf8',
        cwd: folder,
      })
        .trim()
        .split('\n')
        .map((each) => each.split('\t')[0] ?? '')
    assert.deepEqual(complete('dacc pre'), ['preview'])
    assert.deepEqual(complete('dacc preview --clock ').sort(), ['instant', 'wall'])
    assert.deepEqual(complete('dacc run --dr'), ['--dry-run'])
    assert.deepEqual(complete('dacc check meas'), ['measures.ndjson'])
    assert.deepEqual(complete('dacc ').sort(), [...commands].sort())
  })
})
