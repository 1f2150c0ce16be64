// The page before a file is open.

import { useState } from 'preact/hooks'
import { SAMPLES } from '../protocol/protocol.ts'
import { openLive, stack } from '../state/local-stack.ts'
import { text } from '../state/settings.ts'
import { open } from '../state/state.ts'
import { Icon } from './icons.tsx'

/** Opens the first of some files. */
export function openFiles(files: FileList | null | undefined): void {
  const file = files?.[0]
  if (file !== undefined) void open({ from: 'file', file, name: file.name })
}

export function ChooseFile({ class: look }: { class: string }) {
  return (
    <label class={`button ${look}`}>
      <Icon name="file" />
      {text.value.welcome.choose}
      <input
        class="unseen"
        type="file"
        accept=".json,.ndjson,.jsonl,.txt,application/json"
        onChange={(event) => {
          openFiles(event.currentTarget.files)
          event.currentTarget.value = ''
        }}
      />
    </label>
  )
}

function Paste({ onDone }: { onDone: () => void }) {
  const { welcome, source } = text.value
  const [pasted, setPasted] = useState('')
  return (
    <form
      class="paste"
      onSubmit={(event) => {
        event.preventDefault()
        void open({ from: 'text', text: pasted, name: source.pasted }).then((isOpen) => isOpen && onDone())
      }}
    >
      <label for="pasted">{welcome.pasteLabel}</label>
      <textarea
        id="pasted"
        class="code"
        rows={6}
        spellcheck={false}
        value={pasted}
        autofocus
        onInput={(event) => setPasted(event.currentTarget.value)}
      />
      <button class="button primary" type="submit" disabled={pasted.trim() === ''}>
        {welcome.openPasted}
      </button>
    </form>
  )
}

export function Welcome() {
  const { welcome, samples, source } = text.value
  const [pasting, setPasting] = useState(false)
  return (
    <div class="welcome">
      <h1>{welcome.question}</h1>
      <p class="lead">{welcome.promise}</p>
      <section class="drop" aria-labelledby="drop-title">
        <Icon name="up" />
        <h2 id="drop-title">{welcome.drop}</h2>
        <p>{welcome.forms}</p>
        <div class="row centre">
          <ChooseFile class="primary" />
          <button class="button" type="button" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
            <Icon name="paste" />
            {welcome.paste}
          </button>
        </div>
        {pasting ? <Paste onDone={() => setPasting(false)} /> : <p class="soft small">{welcome.pasteHint}</p>}
      </section>
      {stack.value !== undefined && (
        <button class="card-button live" type="button" onClick={() => void openLive(source.live)}>
          <span class="card-title">
            <Icon name="live" />
            {welcome.live}
          </span>
          <span class="soft">{welcome.liveAbout}</span>
        </button>
      )}
      <section aria-labelledby="samples-title">
        <h2 id="samples-title" class="section-title">
          {welcome.samples}
        </h2>
        <div class="cards">
          {SAMPLES.map((sample) => (
            <button
              key={sample}
              class="card-button"
              type="button"
              data-sample={sample}
              onClick={() => void open({ from: 'sample', sample, name: samples[sample].name })}
            >
              <span class="card-title">{samples[sample].name}</span>
              <span class="soft">{samples[sample].about}</span>
            </button>
          ))}
        </div>
      </section>
      <p class="soft small private">{welcome.private}</p>
    </div>
  )
}
