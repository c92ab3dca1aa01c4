import type { FlowItem } from '#contracts/api/floor-flow-api.ts';
import { css, html, nothing, type TemplateResult } from 'lit';
import { countOf, formatBytes, formatCount } from '../../format/numbers.ts';
import { formatClock } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import { status } from '../../ui/status.ts';
import { FlowFeed } from '../data/flow-feed.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import '../ui/floor-choice.ts';
import { floorStyles } from '../ui/floor-styles.ts';

const flowStyles = css`
  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2) var(--space-3);
    align-items: center;
  }

  .tools .grow {
    flex: 1;
  }

  .log {
    display: grid;
    gap: var(--space-3);
  }

  .head {
    display: flex;
    flex-wrap: wrap;
    gap: 2px var(--space-3);
    align-items: baseline;
    padding: 10px 14px 8px;
    border-bottom: 1px solid var(--line);
  }

  .head .grow {
    flex: 1;
  }

  .steps {
    display: grid;
    gap: 0;
  }

  .steps > div {
    min-width: 0;
    padding: 10px 14px;
  }

  .steps > div + div {
    border-top: 1px solid var(--line);
  }

  .steps h3 {
    margin-bottom: 3px;
    color: var(--fg-muted);
    font-size: var(--text-xs);
    font-weight: 500;
  }

  .steps li {
    font-size: var(--text-s);
    overflow-wrap: anywhere;
  }

  .raw {
    display: -webkit-box;
    overflow: hidden;
    font-family: var(--mono);
    font-size: 12.5px;
    line-height: 1.45;
    overflow-wrap: anywhere;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 5;
  }

  @media (width >= 760px) {
    .steps {
      grid-template-columns: repeat(3, minmax(0, 1fr));
    }

    .steps > div + div {
      border-top: 0;
      border-left: 1px solid var(--line);
    }
  }
`;

/** What devices send, as it comes: the raw message, what it was read as, what it led to. */
export class FlowScreen extends FloorScreen {
  static override styles = [...floorStyles, flowStyles];
  #feed: FlowFeed | undefined;
  #endFeed: () => void = () => {};

  protected override watched() {
    return [this.parts.data.devices];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const feed = new FlowFeed(this.parts.clock, this.parts.openFlow);
    this.#feed = feed;
    this.#endFeed = feed.changed.add(() => this.requestUpdate());
    feed.start(this.view.device);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endFeed();
    this.#feed?.stop();
  }

  protected override scanned(code: string): void {
    this.parts.router.go(floorPath({ screen: 'find', code }));
  }

  override render() {
    const feed = this.#feed;
    if (feed === undefined) return nothing;
    const { device = '' } = this.view;
    const names = this.parts.data.devices.value?.devices.map((each) => each.device) ?? [];
    const shown = device === '' || names.includes(device) ? names : [device, ...names];
    return html`${
        shown.length < 2
          ? nothing
          : html`<floor-choice
              label="From"
              .value=${device}
              .options=${[
                { value: '', label: 'All devices' },
                ...shown.map((value) => ({ value, label: value })),
              ]}
              @value-change=${(event: CustomEvent<string>) => this.#choose(event.detail)}
            ></floor-choice>`
      }
      <div class="tools">
        <x-button .pressed=${feed.paused} @click=${() => feed.pause(!feed.paused)}
          >${feed.paused ? 'Go on' : 'Pause'}</x-button
        >
        ${stateTag(feed)}
        <span class="grow"></span>
        <span class="note"
          >${feed.missed === 0 ? '' : `${countOf(feed.missed, 'message')} not shown`}</span
        >
      </div>
      ${
        feed.items.length === 0
          ? html`<x-notice
              heading="Nothing has come yet"
              advice="As soon as a device sends something, it stands here."
            ></x-notice>`
          : html`<div class="log" role="log" aria-live="off" aria-label="Messages">
              ${feed.items.map(flowCard)}
            </div>`
      }`;
  }

  #choose(device: string): void {
    this.parts.router.go(
      floorPath({ screen: 'flow', ...(device === '' ? {} : { device }) }),
      'replace',
    );
    this.#feed?.start(device === '' ? undefined : device);
  }
}
customElements.define('flow-screen', FlowScreen);

function stateTag({ state, paused }: FlowFeed): TemplateResult {
  if (state === 'lost') return status('bad', 'cut, trying again');
  if (state === 'connecting') return status('plain', 'connecting');
  return paused ? status('warn', 'paused') : status('ok', 'live');
}

function flowCard(item: FlowItem): TemplateResult {
  return html`<article class="card item" aria-label="Message ${item.pos} of ${item.device}">
    <div class="head">
      <span class="name">${item.device}</span>
      <span class="note">${item.channel}</span>
      <span class="grow"></span>
      <span class="note"
        >no. ${formatCount(item.pos)} · ${formatBytes(item.bytes)} · ${formatClock(item.atMs)}</span
      >
    </div>
    <div class="steps">
      <div>
        <h3>Came</h3>
        <div class="raw">${item.raw}</div>
      </div>
      <div>
        <h3>Read as</h3>
        ${
          item.trouble === null
            ? html`<ul>
                ${item.decoded.map(({ type, text }) => html`<li><b>${type}</b> ${text}</li>`)}
                ${more(item.readings - item.decoded.length)}
              </ul>`
            : html`${status('bad', 'could not be read')}
                <p class="note">${item.trouble}</p>`
        }
      </div>
      <div>
        <h3>Led to</h3>
        ${
          item.said === 0
            ? html`<span class="note">no event: nothing new</span>`
            : html`<ul>
                ${item.events.map(({ kind, text }) => html`<li><b>${kind}</b> ${text}</li>`)}
                ${more(item.said - item.events.length)}
              </ul>`
        }
      </div>
    </div>
  </article>`;
}

function more(count: number): TemplateResult | typeof nothing {
  return count > 0 ? html`<li class="note">and ${formatCount(count)} more</li>` : nothing;
}
