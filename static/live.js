// What others do while the list is open: the server tells it (src/web/routes/queue/live.rs), a row that they
// decided is drawn anew where it stands, and what comes gathers behind "3 new". No row is moved or taken away.

const SECOND = 1000
// How long a new number waits before a screen reader is told it.
const POLITE = 10 * SECOND
// How often to look where no stream can be had, and to try for one again.
const LOOK = 15 * SECOND, AGAIN = 60 * SECOND
// At most 50 rows a second are drawn anew.
const ROW = 20
const TRIES = 3
const MANY = 1000

const list = () => document.getElementById('list')
const row = id => document.getElementById(id)?.closest('#list tr[data-row]')
const rows = () => document.querySelectorAll('#list tr[data-row]')
const rest = ms => new Promise(done => setTimeout(done, ms))

let stream, address, opening, looking
let fails = 0
// Whether something may have happened unseen.
let missed = false
// Whether the reader is signed out: nothing more is asked then.
let over = false

const tell = state => { document.documentElement.dataset.stream = state }

function close() {
  stream?.close()
  stream = undefined
  clearTimeout(opening)
}

function open() {
  close()
  address = list()?.dataset.live
  if (document.hidden) missed = true
  if (!address || document.hidden || over) return
  stream = new EventSource(address)
  stream.onopen = () => {
    fails = 0
    looking = clearInterval(looking)
    tell('open')
    if (missed) lookAgain()
    missed = false
  }
  stream.onerror = fail
  const on = (name, then) => stream.addEventListener(name, event => then(JSON.parse(event.data)))
  on('moved', ids => { redraw(ids); count() })
  on('news', ids => { gather(ids); count() })
  on('reload', lookAgain)
  on('bye', fail)
}

function fail() {
  close()
  missed = true
  fails += 1
  tell('closed')
  if (fails >= TRIES) looking ??= setInterval(lookAgain, LOOK)
  opening = setTimeout(open, fails < TRIES ? (1 + 2 * Math.random()) * SECOND : AGAIN)
}

function pause() {
  close()
  looking = clearInterval(looking)
  missed = true
  tell('paused')
}

// What the server answers, as a part of a page; nothing where it does not.
async function ask(url) {
  if (over) return
  try {
    const answer = await fetch(url, { headers: { 'X-Live': 'true' } })
    if (answer.redirected) { over = true; pause() }
    if (!answer.ok || over) return
    const template = document.createElement('template')
    template.innerHTML = await answer.text()
    return template.content
  } catch { /* It is asked again when something happens. */ }
}

// Rows.
const due = new Set()
let drawing = false

async function redraw(ids) {
  for (const id of ids) if (row(id)) due.add(id)
  if (drawing) return
  drawing = true
  for (const id of due) {
    due.delete(id)
    await Promise.all([drawAnew(row(id)), rest(ROW)])
  }
  drawing = false
}

// A row that somebody is about to decide, or types in, is theirs.
function isBusy(tr) {
  const typing = document.activeElement?.closest('input:not([type=checkbox]), textarea')
  return tr.matches('.htmx-request, :has(.htmx-request)') || (typing && tr.contains(typing))
}

async function drawAnew(tr) {
  if (!tr) return
  const fresh = isBusy(tr) ? undefined : (await ask(tr.dataset.row))?.querySelector('tr')
  if (!tr.isConnected) return
  if (isBusy(tr)) return setTimeout(redraw, SECOND, [tr.id])
  if (fresh?.id === tr.id) putRow(tr, fresh)
}

function putRow(old, fresh) {
  for (const box of old.querySelectorAll('input[type=checkbox]')) {
    const twin = twinOf(box, fresh)
    if (twin && !twin.disabled) twin.checked = box.checked
  }
  // What stands below must not move up under the pointer.
  const height = getComputedStyle(old).display === 'table-row' ? 'height' : 'minHeight'
  fresh.style[height] = `${old.getBoundingClientRect().height}px`
  put(old, fresh)
}

addEventListener('resize', () => { for (const tr of rows()) tr.removeAttribute('style') })

// Puts something in the place of something; the focus stays where it was.
function put(old, fresh) {
  const held = old.contains(document.activeElement) && document.activeElement
  old.replaceWith(fresh)
  window.htmx?.process(fresh)
  if (held) (twinOf(held, fresh) ?? fresh.querySelector('a[href]'))?.focus({ preventScroll: true })
  fresh.dispatchEvent(new CustomEvent('live:drawn', { bubbles: true }))
}

function twinOf(control, within) {
  const name = ['id', 'name', 'data-key', 'href'].find(name => control.getAttribute(name))
  const value = name && CSS.escape(control.getAttribute(name))
  return name && within.querySelector(`${control.localName}[${name}="${value}"]`)
}

// What came.
const news = new Set()
let quiet

function gather(ids) {
  for (const id of ids) if (news.size < MANY) news.add(id)
  if (quiet) return
  showNews()
  quiet = setTimeout(() => { quiet = undefined; showNews() }, POLITE)
}

function showNews() {
  const box = document.getElementById('news')
  const count = [...news].filter(id => !document.getElementById(id)).length
  const says = count < MANY ? `${count} new` : `${MANY}+ new`
  if (!box || box.textContent === (count ? says : '')) return
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn s', textContent: says })
  button.addEventListener('click', loadNews)
  box.replaceChildren(...count ? [button] : [])
}

async function loadNews() {
  news.clear()
  const boxes = () => [...document.querySelectorAll('#list .pick input[name=id]')]
  const chosen = new Set(boxes().filter(box => box.checked).map(box => box.value))
  await window.htmx.ajax('GET', location.href, { target: '#list', select: '#list', swap: 'outerHTML' })
  showNews()
  for (const box of boxes()) box.checked = chosen.has(box.value)
  list()?.dispatchEvent(new CustomEvent('live:drawn', { bubbles: true }))
  if (document.activeElement === document.body) list()?.querySelector('.rows a[href]')?.focus()
}

// Counts: at most once a second, and where the server takes long, less often.
let counting
let every = SECOND

function count() {
  counting ??= setTimeout(async () => {
    counting = undefined
    const began = performance.now()
    putCounts(await ask(location.href))
    every = Math.max(SECOND, 20 * (performance.now() - began))
  }, every * (1 + Math.random() / 2))
}

function putCounts(page) {
  for (const id of ['heads', 'waiting']) {
    const [old, fresh] = [document.getElementById(id), page?.getElementById(id)]
    if (old && fresh && old.textContent !== fresh.textContent) put(old, fresh)
  }
}

// Everything anew, after something may have happened unseen.
const content = tr => tr.textContent + (tr.querySelector('[name=digest]')?.value ?? '')

async function lookAgain() {
  // A row that is drawn while the page is asked for is newer than the page.
  const before = new Set(rows())
  const page = await ask(location.href)
  if (!page?.getElementById('list')) return
  putCounts(page)
  const now = new Map([...page.querySelectorAll('#list tr[data-row]')].map(tr => [tr.id, tr]))
  const gone = []
  for (const tr of rows()) {
    const fresh = now.get(tr.id)
    if (!fresh) gone.push(tr.id)
    else if (before.has(tr) && content(fresh) !== content(tr) && !isBusy(tr)) putRow(tr, fresh)
    now.delete(tr.id)
  }
  redraw(gone)
  // On a full page, what moved up from the next one is not new.
  if (!page.querySelector('#list [rel=next]')) gather(now.keys())
}

document.addEventListener('visibilitychange', () => document.hidden ? pause() : open())
// Another list took its place: a search, another tab.
document.addEventListener('htmx:after:swap', () => {
  if (list()?.dataset.live === address) return
  news.clear()
  showNews()
  missed = false
  open()
})
open()
