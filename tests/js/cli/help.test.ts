import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dacc } from './process.ts'

const { stdout: overall } = await dacc(['--help'])
const names = [...overall.matchAll(/^ {2}([a-z]+)(?= )/gm)].map(([, name]) => name ?? '')
const commands = names.filter((name) => !/^(?:dacc)$/.test(name))

describe('the help', { concurrency: 2 }, () => {
  it('names every command', () => {
    for (const name of ['preview', 'dev', 'generate', 'definitions']) assert.ok(commands.includes(name), name)
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
