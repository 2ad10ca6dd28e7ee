// What makes the pages smoother. Every page works without it.

const root = document.documentElement
root.classList.add('js')

// Times: the words are the server's (src/web/parts/moment.rs); here they stay true
// while the page is open, and the exact time on hover is in the reader's own zone.
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const day = at => `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`
const MINUTE = 60, HOUR = 3600, DAY = 86400

function since(at, long) {
  const seconds = Math.max(0, (Date.now() - at) / 1000)
  const ago = words => long ? `${words} ago` : words
  if (seconds < MINUTE) return long ? 'just now' : 'now'
  if (seconds < HOUR) return ago(`${Math.floor(seconds / MINUTE)} min`)
  if (seconds < 2 * DAY) return ago(`${Math.floor(seconds / HOUR)} h`)
  if (seconds < 30 * DAY) return ago(`${Math.floor(seconds / DAY)} d`)
  return long ? `on ${day(at)}` : day(at)
}

function tellTimes() {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const at = new Date(time.dateTime)
    const words = since(at, time.dataset.ago === 'long')
    if (time.textContent !== words) time.textContent = words
    time.title = `${day(at)}, ${clock.format(at)} (${zone})`
  }
}

// Countdowns: by the seconds that the server says are left (src/web/parts/countdown.rs), whatever
// the clock of this machine says.
const ends = new WeakMap()

function until(time) {
  const { left } = time.dataset
  if (ends.get(time)?.left !== left) ends.set(time, { left, at: performance.now() + left * 1000 })
  return Math.max(0, Math.ceil((ends.get(time).at - performance.now()) / 1000))
}

function countDown() {
  for (const time of document.querySelectorAll('time[data-left]')) {
    const seconds = until(time)
    const [minutes, rest] = [Math.floor(seconds / MINUTE), seconds % MINUTE]
    // In a list there is room for one of the two.
    const more = time.closest('.rows') ? '' : ` ${rest} s`
    const words = !seconds ? 'now' : minutes ? `in ${minutes} min${more}` : `in ${rest} s`
    if (time.textContent !== words) time.textContent = words
  }
}

// Buttons that do nothing without a script are hidden until there is one.
function showButtons() {
  for (const button of document.querySelectorAll('button[data-copy][hidden]')) button.hidden = false
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy)
  // Without https a browser lets no script copy: what is marked can be copied by hand.
  if (!navigator.clipboard) return getSelection().selectAllChildren(source)
  await navigator.clipboard.writeText(source?.textContent ?? '')
  const said = button.getAttribute('aria-label')
  button.setAttribute('aria-label', 'Copied')
  button.classList.add('done')
  setTimeout(() => { button.setAttribute('aria-label', said); button.classList.remove('done') }, 2000)
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('button[data-copy]')
  if (button) copy(button)
  // A button that needs a reason says so before the server has to.
  const needy = event.target.closest?.('button[data-needs]')
  const field = needy && document.getElementById(needy.dataset.needs)
  if (field && !field.value.trim()) {
    event.preventDefault()
    field.setCustomValidity(needy.dataset.says)
    field.reportValidity()
    field.addEventListener('input', () => field.setCustomValidity(''), { once: true })
    enters(field, needy)
  }
})

// Enter in a field presses the button that asked for it, and no other.
function enters(field, button) {
  field.onkeydown = event => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    button.click()
  }
  field.onblur = () => { field.onkeydown = field.onblur = null }
}

// Whatever is submitted otherwise needs no reason: the complaint must not hold it up.
document.addEventListener('click', event => {
  const button = event.target.closest?.('button:not([data-needs])')
  for (const field of button?.form?.elements ?? []) field.setCustomValidity?.('')
}, true)

// Keys. They act on the row that has the focus; `?` lists them, and switches them off.
const OFF = 'shortcuts-off'
const rows = () => [...document.querySelectorAll('.rows .open')]
const row = () => document.activeElement?.closest?.('.rows tr')

function move(by) {
  const links = rows()
  const here = links.indexOf(row()?.querySelector('.open'))
  // Below the last row is the way to the next page.
  const onward = document.querySelector('.foot [rel=next]')
  const end = onward && document.activeElement === onward ? links.length : here
  const next = end < 0 ? 0 : end + by
  const to = links[next] ?? (by > 0 ? onward : undefined) ?? links[here]
  to?.focus()
  ;(to?.closest('tr') ?? to)?.scrollIntoView({ block: 'nearest' })
}

// To the next action or the one before, on the page of one; else along the rows.
function go(key, by) {
  const beside = document.querySelector(`.pages [data-key=${key}]`)
  if (beside) beside.click()
  else move(by)
}

// Presses a button; where that needs a reason, the reason is asked for first.
function press(button) {
  const field = button?.dataset.needs && document.getElementById(button.dataset.needs)
  if (!field) return button?.click()
  field.focus()
  enters(field, button)
}

// What is in hand: a row, or the action beside the list; on the page of one, that.
const inHand = () => row() ?? document.activeElement?.closest?.('.pane')
const pressKey = key => press((inHand() ?? document).querySelector(`[data-key=${key}]`))

const keys = {
  j: () => go('j', 1),
  k: () => go('k', -1),
  a: () => pressKey('a'),
  r: () => pressKey('r'),
  u: () => pressKey('u'),
  '/': () => document.querySelector('input[type=search]')?.focus(),
  '?': () => document.getElementById('shortcuts')?.showModal(),
}

document.addEventListener('keydown', event => {
  const typing = event.target.closest?.('input:not([type=checkbox], [type=radio]), textarea, select, dialog')
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return
  if (localStorage.getItem(OFF) && event.key !== '?') return
  // Whoever holds a key down means to move, and not to decide again and again.
  if (event.repeat && !'jk'.includes(event.key)) return
  // A page may have keys of its own, and another way to do these.
  const asked = new CustomEvent('shortcut', { cancelable: true, detail: { key: event.key } })
  if (!document.dispatchEvent(asked)) return event.preventDefault()
  if (!keys[event.key]) return
  // On a list, a decision belongs to what is in hand, never to whichever comes first.
  if ('aru'.includes(event.key) && rows().length && !inHand()) return
  event.preventDefault()
  keys[event.key]()
})

// On a narrow page the tab that is shown may lie beyond its edge.
document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })

const off = document.getElementById('shortcuts-off')
if (off) {
  off.checked = Boolean(localStorage.getItem(OFF))
  off.addEventListener('change', () => off.checked ? localStorage.setItem(OFF, '1') : localStorage.removeItem(OFF))
}

document.addEventListener('htmx:after:swap', settle)

document.addEventListener('live:drawn', settle)

function settle() {
  tellTimes()
  countDown()
  showButtons()
}
settle()
setInterval(tellTimes, 30_000)
setInterval(countDown, 500)
