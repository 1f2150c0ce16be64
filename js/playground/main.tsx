// The playground: what an app recorded, what becomes of it, and what would be seen of it.

import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { findStack } from './state/local-stack.ts'
import { showNumber, text } from './state/settings.ts'
import { catalogOpen, failure, open, opening, workspace } from './state/state.ts'
import { restoreSession } from './state/tab-session.ts'
import { refusalOfCatalog } from './view/catalog.tsx'
import { Header } from './view/header.tsx'
import { Icon } from './view/icons.tsx'
import { openFiles, Welcome } from './view/welcome.tsx'
import { WorkspaceView } from './view/workspace.tsx'

/** Whether what is typed there goes somewhere of its own. */
const isField = (target: EventTarget | null) =>
  target instanceof HTMLElement
  && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))

/** Files may be dropped, and text pasted, anywhere. */
function useOpening(): boolean {
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault()
      setIsOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false)
    }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setIsOver(false)
      const { files } = event.dataTransfer ?? {}
      const dropped = event.dataTransfer?.getData('text/plain') ?? ''
      if (files !== undefined && files.length > 0) openFiles(files)
      else if (dropped !== '') void open({ from: 'text', text: dropped, name: text.value.source.pasted })
    }
    const paste = (event: ClipboardEvent) => {
      if (isField(event.target)) return
      const { files } = event.clipboardData ?? {}
      const pasted = event.clipboardData?.getData('text/plain') ?? ''
      if (files !== undefined && files.length > 0) openFiles(files)
      else if (pasted.trim() !== '') void open({ from: 'text', text: pasted, name: text.value.source.pasted })
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    addEventListener('paste', paste)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
      removeEventListener('paste', paste)
    }
  }, [])
  return isOver
}

function Progress() {
  const { name, share } = opening.value ?? { name: '', share: 0 }
  const { source } = text.value
  return (
    <div class="opening" role="status">
      <label for="opening">{name === '' ? source.openingSomething : source.opening(name)}</label>
      <progress id="opening" max={1} value={share}>
        {showNumber(share * 100)} %
      </progress>
    </div>
  )
}

function Failure() {
  const says = text.value.failure
  // Beside what is wrong where that is seen.
  const failed = catalogOpen.value && refusalOfCatalog() !== undefined ? undefined : failure.value
  return (
    <div role="alert" class="alert">
      {failed !== undefined && (
        <div class="failure">
          <Icon name="cross" />
          <p>
            <strong>{says[failed.what]}</strong>
            <br />
            {failed.why}
          </p>
          <button
            class="button small-button"
            type="button"
            onClick={() => {
              failure.value = undefined
            }}
          >
            {says.dismiss}
          </button>
        </div>
      )}
    </div>
  )
}

function App() {
  const isOver = useOpening()
  return (
    <>
      <a class="skip" href="#content">
        {text.value.skip}
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <Failure />
        {opening.value !== undefined && <Progress />}
        {workspace.value === undefined ? <Welcome /> : <WorkspaceView />}
      </main>
      {isOver && (
        <div class="drop-over" aria-hidden="true">
          <p>
            <Icon name="up" />
            {text.value.source.dropHere}
          </p>
        </div>
      )}
    </>
  )
}

render(<App />, document.body)
void findStack().then(restoreSession)
