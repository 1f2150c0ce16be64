// The page of the book that maps articles to commands and tests: all of them exist.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dacc } from './support.ts'

const root = new URL('../../../', import.meta.url)
const ARTICLES = ['5(1)(e)', '7(3)', '15', '17', '20', '25', '30', '32']

const page = readFileSync(new URL('docs/rights.md', root), 'utf8')
const table = page
  .slice(page.indexOf('| article |'))
  .split('\n')
  .slice(2)
  .filter((line) => line.startsWith('|'))
const rows = table.map((line) => {
  const [, article, command, test] = line.split('|').map((cell) => cell.trim())
  const [file, name] = [...test!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)
  return { article: article!.split(' ')[0]!, command: /`([a-z]+)`/.exec(command!)?.[1] ?? '', file: file!, name: name! }
})

describe("the page of the GDPR's articles", () => {
  it('has each article', () => {
    assert.deepEqual([...new Set(rows.map(({ article }) => article))], ARTICLES)
  })

  it('names commands that there are', async () => {
    const { stdout } = await dacc(['--help'])
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name)
    for (const { command } of rows) assert.ok(commands.includes(command), command)
  })

  it('names tests that there are', () => {
    for (const { file, name } of rows) {
      const text = readFileSync(new URL(file, root), 'utf8')
      const isThere = file.endsWith('.rs') ? text.includes(`#[test]\nfn ${name}()`) : text.includes(`it('${name}'`)
      assert.ok(isThere, `${file}: ${name}`)
    }
  })
})
