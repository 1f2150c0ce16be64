// The tables, in Markdown.

import { PEERS } from './peer-process.ts'
import type { Results, SpeedResult } from './results.ts'
import { type Reached, reached } from './targets.ts'

type Row = readonly string[]

/** The first column is text, the others are numbers. */
function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)))
  const line = (cells: Row) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** Three digits that matter. */
const number = (value: number) =>
  value >= 100
    ? Math.round(value).toLocaleString('en').replaceAll(',', ' ')
    : value >= 10
      ? value.toFixed(1)
      : value.toFixed(2)

const UNITS: Record<Reached['unit'], string> = {
  times: '×',
  percent: ' %',
  millis: ' ms',
  micros: ' µs',
  megabytes: ' MB',
  kilobytes: ' kB',
  ratio: '',
}

const VERDICTS: Record<Reached['verdict'], string> = { aim: 'aim', floor: 'floor', missed: '**missed**' }

function targets(results: Results): string {
  const rows = reached(results).map((row) => {
    const bound = (value: number) => `${row.better === 'more' ? '≥' : '≤'} ${value}${UNITS[row.unit]}`
    const value = (value: number | undefined) => (value === undefined ? '' : `${number(value)}${UNITS[row.unit]}`)
    return [row.what, bound(row.floor), bound(row.aim), value(row.measured), value(row.byCpu), VERDICTS[row.verdict]]
  })
  return table(['ratio', 'at least', 'aim', 'measured', 'by processor time', 'reached'], rows)
}

function comparison({ events, shape, bytes, rounds, peers }: SpeedResult): string {
  const rows = peers.map(({ name, millis, megabytesPerSecond, oursIsFaster, oursIsFasterByCpu }) => [
    PEERS[name].what,
    number(millis),
    number(megabytesPerSecond),
    name === 'ours' ? '' : `${number(oursIsFaster)}×`,
    name === 'ours' || oursIsFasterByCpu === undefined ? '' : `${number(oursIsFasterByCpu)}×`,
  ])
  const title = `### ${thousands(events)} events, ${shape}`
  const input = `${number(bytes / events)} bytes an event, ${rounds} rounds.`
  return [title, input, table(['peer', 'ms', 'MB/s', 'ours is faster', 'by processor time'], rows)].join('\n\n')
}

const thousands = (count: number) => count.toLocaleString('en').replaceAll(',', ' ')

const megabytes = (bytes: number) => number(bytes / 1e6)

function cold({ cold }: Results): string {
  const rows = cold.flatMap(({ events, programs }) =>
    programs.map(({ name, millis, cpu, rss }) => [
      { bare: 'bare Node', 'json-parse': 'JSON.parse', ours: 'ours' }[name],
      thousands(events),
      number(millis),
      number(cpu),
      megabytes(rss),
    ]),
  )
  return table(['process', 'events', 'ms', 'processor ms', 'peak RSS, MB'], rows)
}

/** The whole page. */
export function page(results: Results): string {
  const { machine, speed, nothing, scaling, sizes, loading, nights } = results
  const parts = [
    '# Speed and size',
    'Made by `cargo xtask bench`; do not edit. How it is measured: [benches/README.md](../benches/README.md).',
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, rustc ${machine.rustc}.${results.isQuick ? ' A quick run: few rounds.' : ''}`,
    '## What has to be reached',
    targets(results),
  ]
  if (speed.length > 0) parts.push('## Peers side by side', ...speed.map(comparison))
  if (nothing !== undefined)
    parts.push('## Nothing', `A call of one day without an event: ${nothing.toFixed(3)} ms of a processor.`)
  if (scaling !== undefined) {
    parts.push(
      '## Small and large',
      `${number(scaling.small)} µs an event of 10 000, ${number(scaling.large)} µs an event of 1 000 000.`,
    )
  }
  if (results.cold.length > 0) parts.push('## Cold processes', cold(results))
  if (sizes !== undefined) {
    const rows = sizes.map(({ file, raw, gzip, brotli }) => [
      `\`${file}\``,
      ...[raw, gzip, brotli].map((size) => number(size / 1000)),
    ])
    parts.push('## Sizes', table(['module', 'kB', 'gzip', 'brotli'], rows))
  }
  if (loading !== undefined) {
    const rows = [
      ['`require` of luxon and lodash', number(loading.libraries), ''],
      ['ours: compile and instantiate', number(loading.instantiate), `${number(loading.ratio)}×`],
      ['ours: the same with its glue and its file', number(loading.ours), `${number(loading.wholeRatio)}×`],
    ]
    parts.push('## Until a program can work', table(['what', 'ms', 'ours is faster'], rows))
  }
  if (nights !== undefined) {
    const rows = [
      ['the first, which reads a year', nights.first],
      ['one after it', nights.typical],
    ] as const
    parts.push(
      '## A night',
      `The service file against a local Cozy; a home of ${nights.eventsADay} events a day.`,
      table(
        ['night', 'ms', 'processor ms', 'peak RSS, MB', 'requests', 'measures sent'],
        rows.map(([what, night]) => [
          what,
          number(night.millis),
          number(night.cpu),
          megabytes(night.rss),
          String(night.requests),
          String(night.sent),
        ]),
      ),
    )
  }
  return `${parts.join('\n\n')}\n`
}
