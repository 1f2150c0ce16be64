// What an app's manifest has to hold, merged into manifests as apps have them.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { dacc, file, folder } from './process.ts'

interface Manifest {
  services: Record<string, { file: string; trigger: string }>
  permissions: Record<string, { type: string; verbs?: string[]; description?: string }>
}

const own = JSON.parse(readFileSync(new URL('../../../pkg/manifest.webapp', import.meta.url), 'utf8')) as Manifest

const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')

/** A manifest whose keys are those of ours, for other things, and whose layout is its own. */
const APP = `{
    "slug": "ecolyo",\t"name_prefix":   "",
    "services": {
        "aggregatorUsageEvents": { "type": "node", "file": "services/mine.js", "trigger": "@cron 0 0 1 * * *" }
    },
    "permissions": {
        "accounts": { "description": "mine", "type": "io.cozy.accounts", "verbs": ["GET", "PUT"] },
        "jobs": { "type": "io.cozy.files", "verbs": ["GET"] },
        "dacc": { "type": "cc.cozycloud.dacc_v2", "verbs": [ "ALL" ] },
        "events": { "type": "com.grandlyon.ecolyo.usageevents", "verbs": ["GET"] },
        "month": { "type": "com.grandlyon.enedis.*" },
        "some": { "type": "com.grandlyon.ecolyo.term", "verbs": ["GET"], "selector": "_id", "values": ["t1"] }
    },
    "routes": { "/": { "folder": "/", "index": "index.html", "public": false } }
}
`

/** Which verbs a manifest gives on a doctype as a whole. */
function verbsOn({ permissions }: Manifest, doctype: string): Set<string> {
  const entries = Object.values(permissions).filter(
    (each) =>
      !('selector' in each)
      && (each.type === doctype || (each.type.endsWith('.*') && doctype.startsWith(each.type.slice(0, -1)))),
  )
  return new Set(
    entries.flatMap(({ verbs = ['ALL'] }) =>
      verbs.includes('ALL') ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] : verbs,
    ),
  )
}

describe('manifest', { concurrency: 2 }, () => {
  it("prints the package's own fragment, with the doctype for trials", async () => {
    const { code, stdout } = await dacc(['manifest'])
    assert.deepEqual([code, JSON.parse(stdout)], [0, own])
    assert.ok(Object.values(own.permissions).some(({ type }) => type === 'cc.cozycloud.dacc.dev_v2'))
  })

  it('prints the fragment of the rights too, and merges it beside the other', async () => {
    const { stdout } = await dacc(['manifest', '--rights'])
    const rights = JSON.parse(stdout) as Pick<Manifest, 'permissions'>
    assert.deepEqual(Object.keys(rights), ['permissions'])
    const name = file('both.webapp', APP)
    await dacc(['manifest', '--merge', name])
    await dacc(['manifest', '--rights', '--merge', name])
    const after = JSON.parse(read(name)) as Manifest
    for (const { type, verbs = [] } of [own, rights].flatMap(({ permissions }) => Object.values(permissions))) {
      assert.deepEqual(
        verbs.filter((verb) => !verbsOn(after, type).has(verb)),
        [],
        type,
      )
    }
  })

  it('merges it by doctype and verbs, whatever the keys are called, and leaves the rest as it is', async () => {
    const name = file('app.webapp', APP)
    const { code, stdout, stderr } = await dacc(['manifest', '--merge', name])
    assert.deepEqual([code, stderr], [0, ''])
    const after = JSON.parse(read(name)) as Manifest
    for (const { type, verbs = [] } of Object.values(own.permissions)) {
      assert.deepEqual(
        verbs.filter((verb) => !verbsOn(after, type).has(verb)),
        [],
        type,
      )
    }
    const before = JSON.parse(APP) as Manifest
    for (const [key, permission] of Object.entries(before.permissions)) {
      if (key !== 'events') assert.deepEqual(after.permissions[key], permission, key)
    }
    assert.deepEqual(after.permissions['events'], { type: 'com.grandlyon.ecolyo.usageevents', verbs: ['GET', 'POST'] })
    assert.deepEqual(after.permissions['daccJobs'], own.permissions['jobs'])
    // Of some documents only is not of all.
    assert.deepEqual(after.permissions['terms'], own.permissions['terms'])
    assert.ok(!Object.values(after.permissions).some(({ type }) => type === 'com.grandlyon.enedis.month'))
    assert.deepEqual(after.services, before.services)
    // What was not touched stands as it was written.
    for (const line of APP.split('\n').filter((each) => !each.includes('usageevents') && !each.includes('"some"')))
      assert.ok(read(name).includes(line), line)
    assert.match(stdout, /^permissions\.events: POST added on com\.grandlyon\.ecolyo\.usageevents$/m)
    assert.match(stdout, /^permissions\.daccJobs: added, POST on io\.cozy\.jobs$/m)
    assert.match(read(name), /^ {8}"daccJobs": \{$/m)
    assert.match(read(name), /"type": "com\.grandlyon\.ecolyo\.usageevents", "verbs": \["GET", "POST"\]/)
    assert.match(read(name), /^ {12}"verbs": \["GET", "POST", "PUT"\]$/m)
  })

  it('merged again changes nothing', async () => {
    const name = file('twice.webapp', APP)
    await dacc(['manifest', '--merge', name])
    const once = read(name)
    const { code, stdout } = await dacc(['manifest', '--merge', name])
    assert.deepEqual([code, stdout, read(name)], [0, 'twice.webapp has all of it.\n', once])
  })

  it('--dry-run shows the difference, and changes nothing', async () => {
    const name = file('dry.webapp', APP)
    const { code, stdout, stderr } = await dacc(['manifest', '--merge', name, '--dry-run'])
    assert.equal(code, 0)
    assert.equal(read(name), APP)
    assert.match(stdout, /^--- dry\.webapp\n\+\+\+ dry\.webapp\n@@ -\d+,\d+ \+\d+,\d+ @@\n/)
    assert.match(stdout, /^-.*com\.grandlyon\.ecolyo\.usageevents.*\n(?:[-+ ].*\n)*?\+.*"POST"/m)
    assert.match(stderr, /^Nothing was changed: dry\.webapp lacks \d+ entries\.\n$/)
  })

  it('makes what a manifest has nothing of, in its own line ends and tabs', async () => {
    const name = file('new.webapp', '{\r\n\t"slug": "other"\r\n}\r\n')
    assert.equal((await dacc(['manifest', '--merge', name])).code, 0)
    const { services, permissions } = JSON.parse(read(name)) as Manifest
    assert.deepEqual({ services, permissions }, own)
    assert.match(read(name), /\r\n\t"services": \{\r\n\t\t"aggregatorUsageEvents": \{\r\n/)
    assert.ok(!/[^\r]\n/.test(read(name)))
  })

  it('refuses what is no manifest, with a sentence', async () => {
    for (const [content, sentence] of [
      ['{', /^dacc: m\.webapp: this is not JSON at line 1, column 2; a JSON object is needed$/m],
      ['[]', /^dacc: m\.webapp: this is not a JSON object; write it in braces$/m],
      ['{"permissions": []}', /^dacc: m\.webapp: permissions is not an object; this is no manifest of a Cozy app$/m],
    ] as const) {
      const { code, stderr } = await dacc(['manifest', '--merge', file('m.webapp', content)])
      assert.match(stderr, sentence)
      assert.equal(code, 2)
    }
    assert.match((await dacc(['manifest', '--dry-run'])).stderr, /^dacc: --dry-run: it goes with --merge$/m)
  })
})
