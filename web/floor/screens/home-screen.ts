import type { ActType } from '#contracts/acts.ts';
import type { FloorDocumentRow } from '#contracts/api/floor-api.ts';
import type { AlertFact } from '#contracts/now-lane.ts';
import { css, html, nothing, type TemplateResult } from 'lit';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatClock, formatDuration, formatMinute } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { status } from '../../ui/status.ts';
import { NowController } from '../../ui/now-controller.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath, type FloorScreenName, type FloorView } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { doorPart } from '../ui/door-parts.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { progressBar, progressState } from '../ui/progress-bar.ts';
import { taskHead } from '../ui/task-parts.ts';
import { openAlerts } from '../words/device-words.ts';
import { sortedDoors } from '../words/door-words.ts';
import { documentWords } from '../words/document-words.ts';
import { taskView } from '../words/task-words.ts';
import { roomWords } from '../words/hub-banner.ts';

const homeStyles = css`
  .tiles {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 10px;
  }

  @media (width >= 700px) {
    .tiles {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }
  }

  .tile {
    display: grid;
    align-content: center;
    min-height: 76px;
    padding: 10px 14px;
    border: 1px solid var(--line-strong);
    border-radius: var(--radius-l);
    background: var(--surface);
    color: var(--fg);
    font-size: 17px;
    font-weight: 600;
    line-height: 1.3;
    text-decoration: none;
  }

  .tile:hover {
    border-color: var(--fg-muted);
    text-decoration: none;
  }

  .tile:active {
    background: var(--accent-soft);
  }

  .tile small {
    color: var(--fg-muted);
    font-size: var(--text-s);
    font-weight: 400;
  }

  .tile.primary {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--accent-fg);
  }

  .tile.primary small {
    color: inherit;
  }

  .tile.off {
    background: none;
    color: var(--fg-muted);
  }

  .foot {
    padding: 4px 2px;
    color: var(--fg-muted);
    font-size: var(--text-s);
  }
`;

const mostTasks = 5;
const mostDoors = 6;

/** What there is to do, and where to begin. */
export class HomeScreen extends FloorScreen {
  static override styles = [...floorStyles, homeStyles];
  readonly #now = new NowController(this, () => this.parts);

  protected override watched() {
    const { site, banner, tasks, documents, devices, doors, transfers } = this.parts.data;
    return [site, banner, tasks, documents, devices, doors, transfers];
  }

  /** From here a code leads to what it names; what can be done with it stands there. */
  protected override scanned(code: string): void {
    this.parts.router.go(floorPath({ screen: 'find', code }));
  }

  override render() {
    return html`<div class="columns">
        <div>
          <nav class="tiles" aria-label="What to do">${this.#tiles()}</nav>
          ${this.#atDoors()}
        </div>
        <div>${this.#tasks()}</div>
      </div>
      ${this.#foot()}`;
  }

  #tiles(): TemplateResult[] {
    const { documents, tasks, devices } = this.parts.data;
    const expected = (of: 'receipt' | 'shipment') =>
      documents.value?.documents.filter(({ type }) => type === of).length;
    const [receipts, shipments] = [expected('receipt'), expected('shipment')];
    const open = tasks.value?.tasks.length;
    const recounts = tasks.value?.tasks.filter(({ task }) => task === 'recount').length;
    const { lease } = this.session;
    const troubled = devices.value?.devices.filter(
      ({ connected, silent }) => !connected || silent,
    ).length;
    const left = lease === null ? 'no limit granted' : `${formatCount(lease.leftUnits)} units left`;
    return [
      this.#tile(
        'receive',
        'Receive',
        receipts === undefined ? '' : `${receipts} expected`,
        'receive',
      ),
      this.#tile('ship', 'Ship', shipments === undefined ? '' : `${shipments} expected`, 'ship'),
      this.#tile(
        'count',
        'Count',
        recounts === undefined ? '' : countOf(recounts, 'recount'),
        'count',
      ),
      this.#tile('move', 'Move', 'scan or pick', 'move'),
      this.#tile('hold', 'Hold / release', 'with a reason', 'hold'),
      this.#tile('pack', 'Pack / unpack', 'pallet, case', 'pack'),
      this.#tile('adjust', 'Adjust', left, 'adjust'),
      this.#tile('sweep', 'RFID sweep', 'a zone against the book', 'sweep'),
      ...this.#transfers(),
      this.#tile('tasks', 'Tasks', open === undefined ? '' : `${open} open`),
      this.#tile('find', 'Find', 'item, EPC, lot'),
      this.#tile(
        'devices',
        'Devices',
        troubled === undefined ? '' : troubled === 0 ? 'all well' : `${troubled} in trouble`,
      ),
      this.#tile('flow', 'Live flow', 'what readers see'),
    ];
  }

  /** Only where there are other gateways to send to, or something comes from one. */
  #transfers(): TemplateResult[] {
    const all = this.parts.data.transfers.value?.transfers ?? [];
    const hasOthers = (this.parts.data.site.value?.elsewhere ?? []).length > 0;
    if (!hasOthers && all.length === 0) return [];
    const coming = all.filter(({ isOwn }) => !isOwn).length;
    const late = all.filter(({ isLate }) => isLate).length;
    const words = late === 0 ? `${coming} coming here` : `${coming} coming, ${late} late`;
    return [this.#tile('transfers', 'On the way', words)];
  }

  #tile(screen: FloorScreenName, title: string, note: string, act?: ActType): TemplateResult {
    const why = act === undefined ? undefined : this.forbids(act);
    const kind = why !== undefined ? 'off' : screen === 'receive' ? 'primary' : '';
    return html`<a class="tile ${kind}" href=${floorPath({ screen })} title=${why ?? nothing}
      >${title}<small>${why === undefined ? note : 'look only'}</small></a
    >`;
  }

  #tasks(): TemplateResult {
    const { loaded } = this.parts.data.tasks;
    if (loaded.state === 'loading') {
      return html`<x-skeleton rows="3" label="Loading tasks"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = floorProblemWords(loaded.problem);
      return html`<x-notice kind="banner" tone="bad" heading="${title}." advice=${advice}
        ><x-button @click=${() => this.parts.data.tasks.reload()}>Try again</x-button></x-notice
      >`;
    }
    const { tasks, more } = loaded.value;
    return html`<section class="card" aria-label="Open tasks">
      <div class="title">
        <h2>Open tasks</h2>
        <span class="note">${formatCount(tasks.length)}${more ? ' and more' : ''}</span>
      </div>
      ${
        tasks.length === 0
          ? html`<p class="none">Nothing asks for you right now.</p>`
          : html`<ul class="rows">
              ${tasks.slice(0, mostTasks).map((task) => {
                const { view, words } = taskView(task);
                return html`<li>
                  ${taskHead(task, this.#now.ms)}
                  <div class="actions">${this.#link(view, words)}</div>
                </li>`;
              })}
              <li class="flush">
                <a class="tap name" href=${floorPath({ screen: 'tasks' })}
                  >All ${countOf(tasks.length, 'task')}</a
                >
              </li>
            </ul>`
      }
    </section>`;
  }

  #link(view: FloorView, words: string): TemplateResult {
    return html`<x-button @click=${() => this.parts.router.go(floorPath(view))}
      >${words}</x-button
    >`;
  }

  /** Doors first, then documents that something was seen of, then zones that are too warm. */
  #atDoors(): TemplateResult | typeof nothing {
    const { doors, documents, devices, tasks } = this.parts.data;
    const shownDoors = sortedDoors(doors.value?.doors ?? []).slice(0, mostDoors);
    const shown = (documents.value?.documents ?? [])
      .filter(({ seen, type }) => type === 'shipment' || seen === null || seen > 0)
      .slice(0, mostDoors);
    const warm = openAlerts(devices.value?.alerts ?? []).filter(({ type }) => type === 'excursion');
    if (shownDoors.length + shown.length + warm.length === 0) return nothing;
    return html`<section class="card" aria-label="Now at the doors">
      <h2>Now at the doors</h2>
      <ul class="rows">
        ${shownDoors.map((door) => {
          const task = tasks.value?.tasks.find(({ id }) => id === door.task);
          return html`<li>
            ${doorPart(door, this.#now.ms)}
            ${
              task === undefined
                ? nothing
                : html`<div class="actions">
                    ${this.#link(taskView(task).view, taskView(task).words)}
                  </div>`
            }
          </li>`;
        })}
        ${shown.map((row) => this.#document(row))} ${warm.map((alert) => this.#warm(alert))}
      </ul>
    </section>`;
  }

  #warm({ openedAt, text, zone = '' }: AlertFact): TemplateResult {
    const lasted = formatDuration(this.#now.ms - openedAt);
    return html`<li class="flush">
      <a class="tap" href=${floorPath({ screen: 'hold' })}
        ><div class="line">
          <span class="name">${zone}</span>${status('bad', `out of limits, ${lasted}`)}
        </div>
        <div class="note">${text}. Goods that must stay cold here go on hold.</div></a
      >
    </li>`;
  }

  #document(row: FloorDocumentRow): TemplateResult {
    const { complete, seen, expected, id, type, zone, partner, expectedAtMs } = row;
    const due =
      expectedAtMs === null ? undefined : `due ${formatMinute(expectedAtMs, this.#now.ms)}`;
    const detail = [type === 'receipt' ? 'inbound' : 'outbound', zone, partner, due]
      .filter((part) => part !== undefined && part !== null)
      .join(' · ');
    return html`<li class="flush">
      <a class="tap" href=${floorPath({ screen: documentWords[type].screen, document: id })}
        ><div class="line">
          <span class="name">${id}</span>
          ${progressState(seen, expected, complete)}
        </div>
        <div class="note">${detail}</div>
        ${progressBar(seen, expected)}</a
      >
    </li>`;
  }

  #foot(): TemplateResult | typeof nothing {
    const banner = this.parts.data.banner.value;
    if (banner === undefined) return nothing;
    const devices = this.parts.data.devices.value?.devices;
    const words = [
      devices === undefined
        ? undefined
        : `${devices.filter(({ connected }) => connected).length} of ${countOf(devices.length, 'device')} connected`,
      banner.hub.state === 'live' ? 'hub is there' : undefined,
      roomWords(banner),
      `as of ${formatClock(banner.asOfMs)}`,
    ].filter((part) => part !== undefined);
    return html`<p class="foot">${words.join(' · ')}</p>`;
  }
}
customElements.define('home-screen', HomeScreen);
