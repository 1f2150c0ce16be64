// Small drawings beside words; never instead of them.

const PATHS = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4 4l8 8M12 4l-8 8',
  dash: 'M4 8h8',
  up: 'M8 13V3m0 0L4 7m4-4l4 4',
  file: 'M4 2h5l3 3v9H4z M9 2v3h3',
  paste: 'M5 3h6v2H5z M5 4H3v10h10V4h-2',
  undo: 'M3 6h6a4 4 0 010 8H6M3 6l3-3M3 6l3 3',
  plus: 'M8 3v10M3 8h10',
  down: 'M8 3v8m0 0l-3.5-3.5M8 11l3.5-3.5M3 14h10',
  back: 'M10 3L5 8l5 5',
  live: 'M8 9.5a1.5 1.5 0 100-3 1.5 1.5 0 000 3zM4.5 11.5a5 5 0 010-7M11.5 4.5a5 5 0 010 7',
  server: 'M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01',
  eyeOff: 'M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM3 13L13 3',
  eye: 'M2 8s2.2-4 6-4 6 4 6 4-2.2 4-6 4-6-4-6-4zM8 9.5a1.5 1.5 0 100-3 1.5 1.5 0 000 3z',
  search: 'M7 11.5a4.5 4.5 0 100-9 4.5 4.5 0 000 9zM10.5 10.5L14 14',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
