import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dacc } from './process.ts'

const { stdout: overall } = await dacc(['--help'])
const named = [...overall.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name ?? '')

/** The commands of docs/cli.md, in its order. */
const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| `[a-z]/.test(line))
  .map((line) => line.split(' | ')[0] ?? '')
const commands = rows
  .slice(0, rows.findIndex((row) => row.includes('`help')) + 1)
  .flatMap((row) => [...row.matchAll(/`([a-z]+)[^`]*`/g)].map(([, name]) => name ?? ''))

describe('the help', { concurrency: 2 }, () => {
  it('names every command, as docs/cli.md does, the exit codes, and fits a terminal', () => {
    assert.equal(commands.length, 24)
    assert.deepEqual([...named].sort(), [...commands].sort())
    for (const code of [0, 1, 2, 3, 4, 130]) assert.match(overall, new RegExp(`^ {2}${code} +\\S`, 'm'))
    for (const line of overall.split('\n')) assert.ok([...line].length <= 80, line)
  })

  it('is what `dacc` by itself prints, and `dacc help`', async () => {
    for (const args of [[], ['help']]) assert.deepEqual(await dacc(args), { code: 0, stdout: overall, stderr: '' })
    assert.deepEqual(await dacc(['help', 'preview']), await dacc(['preview', '--help']))
  })

  for (const name of commands) {
    it(`of ${name} has an example, fits a terminal and exits with 0`, async () => {
      const { code, stdout, stderr } = await dacc([name, '--help'])
      assert.match(stdout, new RegExp(`^Usage: dacc ${name} `))
      assert.match(stdout, /\nExamples?:\n {2}\S/)
      for (const line of stdout.split('\n')) assert.ok([...line].length <= 80, line)
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })
  }
})
