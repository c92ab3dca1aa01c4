import type { FloorTask } from '#contracts/api/floor-api.ts';
import { html, nothing, type TemplateResult } from 'lit';
import '../../ui/x-button.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { zoneOf } from '../scan/subject.ts';
import '../ui/floor-scan-box.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import './count-sheet.ts';

/** Which zone to count: what must be counted again first, then any. */
export class CountScreen extends FloorScreen {
  static override styles = floorStyles;
  static override properties = { other: { state: true } };
  declare other: string | undefined;

  constructor() {
    super();
    this.other = undefined;
  }

  protected override watched() {
    return [this.parts.data.site, this.parts.data.tasks];
  }

  /** With a zone chosen, the sheet below hears the scanner. */
  protected override scanned(text: string): void {
    const zone = zoneOf(text, this.parts.data.site.value);
    if (zone === undefined) this.other = `${text} is no zone. Scan the label of the zone to count`;
    else this.parts.router.go(floorPath({ screen: 'count', zone }));
  }

  override render() {
    const { zone, task = '' } = this.view;
    if (zone !== undefined) {
      return html`<count-sheet
        .parts=${this.parts}
        .session=${this.session}
        .zone=${zone}
        .task=${task}
      ></count-sheet>`;
    }
    const forbidden = this.forbids('count');
    return html`${
        forbidden === undefined
          ? nothing
          : html`<x-notice kind="banner" tone="warn" heading="${forbidden}."></x-notice>`
      }
      <floor-scan-box
        .scanner=${this.parts.scanner}
        prompt="Scan the label of the zone"
      ></floor-scan-box>
      ${
        this.other === undefined
          ? nothing
          : html`<x-notice kind="banner" tone="warn" heading="${this.other}."></x-notice>`
      }
      <div class="columns">
        <div>${this.#recounts()}</div>
        <div>${this.#zoneList()}</div>
      </div>`;
  }

  #recounts(): TemplateResult {
    const all = this.parts.data.tasks.value?.tasks ?? [];
    const recounts = all.filter(({ task, zone }) => task === 'recount' && zone !== undefined);
    return html`<section class="card" aria-label="To count again">
      <h2>To count again</h2>
      ${
        recounts.length === 0
          ? html`<p class="none">No count is waiting for a second one.</p>`
          : html`<ul class="rows">
              ${recounts.map((task) => html`<li class="flush">${this.#recount(task)}</li>`)}
            </ul>`
      }
    </section>`;
  }

  #recount({ id, zone = '', reason, openedAtMs }: FloorTask): TemplateResult {
    const other = this.parts.data.site.value?.recountBy === 'other';
    return html`<a class="tap" href=${floorPath({ screen: 'count', zone, task: id })}
      ><div class="line">
        <span class="name">${zone}</span>
        <span class="note">${timeAgo(openedAtMs, this.parts.hubTime.nowMs())}</span>
      </div>
      <div class="note">${reason}${other ? ' · by somebody else than before' : ''}</div></a
    >`;
  }

  #zoneList(): TemplateResult {
    return html`<section class="card" aria-label="Zones">
      <h2>Zones</h2>
      <ul class="rows">
        ${this.zones.map(
          ({ id, status }) =>
            html`<li class="flush">
              <a class="tap" href=${floorPath({ screen: 'count', zone: id })}
                ><div class="line">
                  <span class="name">${id}</span><span class="note">${status}</span>
                </div></a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }
}
customElements.define('count-screen', CountScreen);
