// The queue: deciding on the row, the action in a pane, selecting, and completing a search.

const $ = id => document.getElementById(id)
const table = () => document.querySelector('.rows.queue')
const link = tr => tr?.querySelector('.open')
const say = words => { $('said').textContent = words }

// Deciding on the row. The answer is the row as it is now; the focus goes on to the next that waits, and so does
// the pane.
const leaving = new Map()
let latest
const inHand = () => document.activeElement?.closest?.('.queue tbody tr')

function next(tr) {
  for (let row = tr?.nextElementSibling; row; row = row.nextElementSibling) {
    if (row.querySelector('[data-key=a]')) return row
  }
}

function take(tr) {
  link(tr)?.focus({ preventScroll: true })
  // Nothing moves under a pointer.
  if (link(tr)?.matches(':focus-visible')) tr.scrollIntoView({ block: 'nearest' })
}

function leave(tr) {
  leaving.set(tr.id, { node: tr, tall: tr.getBoundingClientRect().height })
  // htmx would write the style of the old row into the new one, which no page of ours allows.
  tr.removeAttribute('style')
}

function redrawn(tr, tall) {
  // What stands below stays where it is.
  if (getComputedStyle(tr).display === 'table-row') tr.style.height = `${tall}px`
  if (tr.dataset.said) say(tr.dataset.said)
  if (tr.querySelector('[data-key=u]')) latest = tr.id
  if (document.activeElement === document.body || document.activeElement === tr) {
    const to = tr.querySelector('[data-key=a]') ? tr : next(tr) ?? tr
    take(to)
    if (opened === tr.id) open(to)
  }
  picked()
}

document.addEventListener('htmx:before:request', event => {
  const tr = event.target.closest?.('.queue tbody tr')
  if (tr) leave(tr)
})
document.addEventListener('htmx:after:swap', () => {
  for (const [id, { node, tall }] of leaving) {
    const tr = $(id)
    if (tr === node) continue
    leaving.delete(id)
    if (tr) redrawn(tr, tall)
  }
  picked()
  markOpen()
})
// A search alone changes where the list is.
document.addEventListener('htmx:before:history:update', event => {
  if (event.detail.sourceElement !== field) event.preventDefault()
})

// A row that others decided was drawn anew (live.js). What can no longer be decided is not offered beside it.
document.addEventListener('live:drawn', event => {
  picked()
  markOpen()
  if (event.target.id === opened && event.target.matches('.over') && pane.querySelector('.decide')) refresh(event.target)
})

async function refresh(tr) {
  const held = pane.contains(document.activeElement)
  await part(link(tr).href)
  if (held) pane.focus()
}

// Rejecting needs a reason, and so does approving where a rule says so: it is asked for here, and the row says
// what became of it.
const dialog = $('reject')
let asked, digest

function ask(button, word, url) {
  const tr = button.closest('tr')
  const rejects = word === 'Reject'
  if (asked?.id !== tr.id) $('why').value = ''
  asked = tr
  digest = button.closest('form').elements.digest.value
  $('reject-title').textContent = button.getAttribute('aria-label')
  const form = dialog.querySelector('form.decide')
  form.action = url
  form.querySelector('.hint').hidden = !rejects
  const done = form.querySelector('.btn')
  done.classList.toggle('danger', rejects)
  done.replaceChildren(button.querySelector('svg').cloneNode(true), word)
  dialog.showModal()
  $('why').focus()
}

document.addEventListener('click', event => {
  if (!dialog || event.ctrlKey || event.metaKey) return
  const no = event.target.closest?.('a[data-reject]')
  const yes = event.target.closest?.('button[data-needs-reason]')
  if (!no && !yes) return
  event.preventDefault()
  if (no) ask(no, 'Reject', no.dataset.reject)
  else ask(yes, 'Approve', yes.form.getAttribute('hx-post'))
})

dialog?.addEventListener('close', () => link(asked)?.focus())
dialog?.querySelector('form.decide').addEventListener('submit', async event => {
  event.preventDefault()
  const { id } = asked
  const tr = $(id)
  const values = { reason: $('why').value, digest }
  dialog.close()
  if (tr) await htmx.ajax('POST', event.target.action, { source: tr, target: tr, swap: 'outerHTML', values })
  // What was refused can be mended: the reason stays for the next try on this row.
  if (!$(id)?.querySelector('[data-key=a]')) $('why').value = ''
})

// The action beside the list, where there is room for both.
const wide = matchMedia('(min-width: 1200px)')
const pane = $('pane')
const shown = $('shown')
let opened

// With what is to be said about it. Of several looks the last one counts; what is sent waits for its own row alone.
async function part(url, verb = 'GET', values, source = pane) {
  await htmx.ajax(verb, url, { source, target: '#shown', select: '#alerts, #action', swap: 'innerHTML', values })
  pane.querySelector('#alerts')?.removeAttribute('id')
}

async function open(tr) {
  if (!tr) return
  opened = tr.id
  pane.hidden = false
  pane.parentElement.classList.add('paned')
  markOpen()
  // Whom it is about is known; what the app has now may take a while.
  const head = document.createElement('header')
  head.className = 'panehead'
  head.append(...[...tr.querySelectorAll('td:nth-child(3) .badge, .who')].map(part => part.cloneNode(true)))
  head.querySelector('a')?.replaceWith(head.querySelector('a b'))
  shown.replaceChildren(head)
  pane.setAttribute('aria-busy', 'true')
  await part(link(tr).href)
  if (opened === tr.id) pane.removeAttribute('aria-busy')
}

function close() {
  if (pane.hidden) return false
  pane.hidden = true
  pane.parentElement.classList.remove('paned')
  shown.replaceChildren()
  link($(opened) ?? undefined)?.focus()
  opened = undefined
  markOpen()
  return true
}

const listed = () => [...table()?.tBodies[0].rows ?? []]

function markOpen() {
  const rows = listed()
  for (const row of rows) {
    row.classList.toggle('opened', row.id === opened)
    if (row.id === opened) link(row).setAttribute('aria-current', 'true')
    else link(row)?.removeAttribute('aria-current')
  }
  const at = rows.indexOf($(opened))
  $('place').textContent = at < 0 ? '' : `${at + 1} of ${rows.length} on this page`
}

// To the next row or the one before; below the last one is the way to the next page.
function step(by, go) {
  const rows = listed()
  const at = rows.indexOf($(opened))
  // What is no longer in the list has its beginning behind it.
  const to = at < 0 ? rows[0] : rows[at + by]
  const onward = document.querySelector('.foot [rel=next]')
  if (to) {
    go(to)
    open(to)
  } else if (by > 0 && onward) onward.focus()
  else say(by > 0 ? 'This is the last one.' : 'This is the first one on this page.')
}

document.addEventListener('click', event => {
  if (event.target.closest?.('[data-close=pane]')) return close()
  const by = event.target.closest?.('[data-step]')?.dataset.step
  // Whoever presses a button goes on with it.
  if (by) {
    return step(Number(by), tr => {
      tr.scrollIntoView({ block: 'nearest' })
      say(link(tr).textContent)
    })
  }
  const a = event.target.closest?.('.queue .open')
  if (!a || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
  event.preventDefault()
  open(a.closest('tr'))
})

// What is done in the pane stays in it, and its row says what became of it.
pane?.addEventListener('submit', async event => {
  event.preventDefault()
  const form = event.target
  const url = event.submitter?.hasAttribute('formaction') ? event.submitter.formAction : form.action
  const id = opened
  await part(url, 'POST', Object.fromEntries(new FormData(form, event.submitter)), $(id) ?? pane)
  // Whoever went on meanwhile is shown what they went on to.
  if (opened === id) pane.focus()
  else if ($(opened)) part(link($(opened)).href)
  const row = $(id)
  if (row) await htmx.ajax('GET', row.dataset.row, { source: row, target: row, swap: 'outerHTML' })
  if (opened === id) pane.focus()
})

// Selecting: one by one, a range, the page, or everything that matches.
let last
const boxes = () => [...document.querySelectorAll('.queue .pick input[name=id]')]

function picked() {
  const bar = $('bulk')
  if (!bar) return
  const all = boxes()
  const chosen = all.filter(box => box.checked)
  const whole = $('pick-page')
  if (whole) {
    whole.checked = chosen.length > 0 && chosen.length === all.length
    whole.indeterminate = chosen.length > 0 && chosen.length < all.length
  }
  const match = $('match')
  if (match.dataset.on && chosen.length < all.length) everything(false)
  match.hidden = !chosen.length || chosen.length < all.length || Boolean(match.dataset.on)
  const number = match.dataset.on ? match.textContent.match(/[\d,+]+/) : chosen.length
  const words = match.dataset.on ? `Everything that matches is selected: ${number}` : `${number} selected`
  if ($('picked').textContent !== words) $('picked').textContent = words
  for (const shown of bar.querySelectorAll('.n')) shown.textContent = ` ${number}`
}

function everything(on) {
  const bar = $('bulk')
  bar.querySelector('input[name=all]')?.remove()
  delete $('match').dataset.on
  if (!on) return
  const all = document.createElement('input')
  Object.assign(all, { type: 'hidden', name: 'all', value: '1' })
  bar.append(all)
  $('match').dataset.on = '1'
}

function pick(box, range) {
  const all = boxes()
  const [here, there] = [all.indexOf(box), all.indexOf(last)]
  if (range && there >= 0) {
    const [from, to] = here < there ? [here, there] : [there, here]
    all.slice(from, to + 1).forEach(one => { one.checked = box.checked })
  }
  last = box
  picked()
}

document.addEventListener('click', event => {
  if (event.target.matches?.('.queue .pick input[name=id]')) pick(event.target, event.shiftKey)
  else if (event.target.id === 'pick-page') {
    boxes().forEach(box => { box.checked = event.target.checked })
    picked()
  } else if (event.target.id === 'match') { everything(true); picked() }
})
document.addEventListener('reset', event => {
  if (event.target.id === 'bulk') { everything(false); setTimeout(picked) }
})

// Keys. `app.js` hears them and asks here first.
const act = {
  x: row => toggle(row, false),
  X: row => toggle(row, true),
  u: row => undo(row) || undo(pane) || undo($(latest)) || say('There is nothing to undo.'),
  Escape: () => close() || unpick(),
}

// Of the row in hand, of the action beside the list, or else of what was decided last.
function undo(within) {
  const button = within?.querySelector('[data-key=u]')
  if (!button) return false
  take(button.closest('tr'))
  button.click()
  return true
}

function toggle(row, range) {
  const box = $('bulk') && row?.querySelector('.pick input')
  if (!box) return
  box.checked = range && last ? last.checked : !box.checked
  pick(box, range)
}

function unpick() {
  if (boxes().some(box => box.checked)) $('bulk').reset()
}

document.addEventListener('shortcut', event => {
  const { key } = event.detail
  if ('ar'.includes(key)) {
    // What is selected is decided together; what is still on its way to the pane was seen by nobody.
    const others = boxes().some(box => box.checked && box.closest('tr') !== inHand())
    if (others) $('bulk').querySelector(`[data-bulk=${key}]`).click()
    if (others || (pane?.getAttribute('aria-busy') && inHand()?.id === opened)) event.preventDefault()
    return
  }
  // A menu that is open is closed by the browser.
  if (key === 'Escape' && document.querySelector(':popover-open')) return
  if (act[key]) {
    event.preventDefault()
    return act[key](inHand())
  }
  // With the action in the pane, j and k go through the list and show each.
  if (pane?.hidden === false && 'jk'.includes(key)) {
    event.preventDefault()
    step(key === 'j' ? 1 : -1, take)
  }
})

// Completing a search: the qualifiers first, then the words that each takes.
const field = $('q')
if (field) completion(field)

function completion(field) {
  let terms = {}
  const list = document.createElement('ul')
  Object.assign(list, { id: 'found', className: 'found', hidden: true })
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', 'Completions')
  field.closest('.search').after(list)
  for (const [name, value] of Object.entries({
    role: 'combobox', 'aria-controls': 'found', 'aria-autocomplete': 'list', 'aria-expanded': 'false',
  })) field.setAttribute(name, value)
  let at = -1

  const term = () => field.value.slice(0, field.selectionStart).match(/(?:[^\s":]+:)?(?:"[^"]*"?|[^\s"]*)$/)[0]

  function options() {
    const [, name, value] = term().match(/^(?:([a-z]+):)?"?(.*)$/i) ?? []
    if (name) {
      const { words = [], means = {} } = terms[name.toLowerCase()] ?? {}
      const begins = words.filter(word => word.toLowerCase().startsWith(value.toLowerCase()) && word !== value)
      return begins.map(word => ({
        put: `${name}:${/\s/.test(word) ? `"${word}"` : word} `, word, says: means[word] ?? '',
      }))
    }
    const names = Object.keys(terms).filter(one => value && one.startsWith(value.toLowerCase()))
    return names.map(one => ({ put: `${one}:`, word: `${one}:`, says: terms[one].says }))
  }

  function show() {
    const found = document.activeElement === field ? options().slice(0, 8) : []
    at = -1
    list.replaceChildren(...found.map(({ put, word, says }, index) => {
      const item = document.createElement('li')
      item.id = `found-${index}`
      item.setAttribute('role', 'option')
      item.dataset.put = put
      const name = document.createElement('b')
      name.textContent = word
      const about = document.createElement('span')
      about.textContent = says
      item.append(name, about)
      return item
    }))
    list.hidden = !found.length
    field.setAttribute('aria-expanded', String(!list.hidden))
    field.removeAttribute('aria-activedescendant')
  }

  function choose(item) {
    const end = field.selectionStart
    const before = field.value.slice(0, end - term().length) + item.dataset.put
    field.value = before + field.value.slice(end).trimStart()
    field.setSelectionRange(before.length, before.length)
    show()
    field.dispatchEvent(new Event('found', { bubbles: true }))
  }

  function move(by) {
    at = (at + by + list.children.length + (at < 0 && by < 0 ? 1 : 0)) % list.children.length
    for (const [index, item] of [...list.children].entries()) item.setAttribute('aria-selected', String(index === at))
    field.setAttribute('aria-activedescendant', `found-${at}`)
  }

  // The words are asked for when somebody is about to need them.
  field.addEventListener('focus', async () => {
    const answer = await fetch(field.dataset.terms)
    if (answer.ok) terms = await answer.json()
    show()
  }, { once: true })
  field.addEventListener('input', show)
  // Half a qualifier is not looked for yet: the list stays as it is until the word is there.
  field.addEventListener('htmx:before:request', event => {
    if (term().includes(':') && options().length) event.preventDefault()
  })
  field.addEventListener('blur', () => setTimeout(show))
  field.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      // A browser would empty the field, and what was typed would be lost.
      event.preventDefault()
      if (list.hidden) field.blur()
      else list.hidden = true
    } else if (list.hidden) return
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      move(event.key === 'ArrowDown' ? 1 : -1)
    } else if ((event.key === 'Enter' && at >= 0) || (event.key === 'Tab' && list.children.length)) {
      event.preventDefault()
      choose(list.children[Math.max(at, 0)])
    }
  })
  list.addEventListener('mousedown', event => {
    event.preventDefault()
    const item = event.target.closest('li')
    if (item) choose(item)
  })
}

// What is kept as a view is the search as it is now.
$('views')?.addEventListener('beforetoggle', () => {
  const kept = $('views').querySelector('input[name=q]')
  if (field) kept.value = field.value
})

// A name that cannot be kept was sent from this list, and is told on it.
if ($('view-name')?.matches('[aria-invalid]')) {
  const { status, q, sort } = $('view-name').form.elements
  const list = new URLSearchParams({ status: status.value, q: q.value, sort: sort.value })
  history.replaceState(null, '', `${field.form.action}?${list}`)
  $('views').showPopover()
  $('view-name').focus()
}

// Whoever comes back to the list is at the row that they left it from.
const LEFT = 'queue-row'
document.addEventListener('focusin', () => {
  const tr = inHand()
  if (tr) sessionStorage.setItem(LEFT, tr.id)
})
if (performance.getEntriesByType('navigation')[0]?.type === 'back_forward') {
  link($(sessionStorage.getItem(LEFT)) ?? undefined)?.focus({ preventScroll: true })
}

picked()
