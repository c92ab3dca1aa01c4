import { html, nothing, type TemplateResult } from 'lit';
import { SubjectScreen } from './subject-screen.ts';

/** From one zone to another: scan what, scan or tap where to. */
export class MoveScreen extends SubjectScreen {
  static override properties = { toZone: { state: true } };
  declare toZone: string;

  constructor() {
    super();
    this.toZone = '';
  }

  protected override zoneScanned(zone: string): void {
    if (this.subject === undefined) this.other = `That is the zone ${zone}. Scan what moves first`;
    else this.toZone = zone;
  }

  override render() {
    const { from, toZone } = this;
    const missing =
      this.forbids('move') ??
      this.missing ??
      (toZone === '' || toZone === from ? 'Choose where it goes' : undefined);
    return html`<div class="columns">
      <div>
        ${this.scanBox(this.subject === undefined ? 'Scan what moves' : 'Scan more, or the zone')}
        ${this.resultPart()} ${this.subjectPart()}
      </div>
      <div ?hidden=${this.subject === undefined}>
        <section class="card" aria-label="Where to">
          <h2>Where to</h2>
          <div class="form">
            <floor-choice
              label="Zone"
              .value=${toZone}
              .options=${[...this.zones, ...this.elsewhere]
                .filter(({ id }) => id !== from)
                .map(({ id, status }) => ({ value: id, label: id, note: status }))}
              @value-change=${(event: CustomEvent<string>) => (this.toZone = event.detail)}
            ></floor-choice>
            ${this.#beyond()}
            <x-button
              class="wide"
              kind=${missing === undefined ? 'primary' : 'plain'}
              ?disabled=${missing !== undefined || this.act.busy}
              @click=${this.#move}
              >${
                this.act.busy
                  ? 'Moving…'
                  : (missing ?? `Move ${this.whatWords} from ${from ?? ''} to ${toZone}`)
              }</x-button
            >
          </div>
        </section>
      </div>
    </div>`;
  }

  /** It leaves the book here now, and enters it there when it is seen or received there. */
  #beyond(): TemplateResult | typeof nothing {
    const other = this.elsewhere.find(({ id }) => id === this.toZone);
    return other === undefined
      ? nothing
      : html`<x-notice
          tone="info"
          heading="${other.id} is with ${other.gateway}"
          advice="It is on its way until it is seen or received there."
        ></x-notice>`;
  }

  readonly #move = (): void => {
    const { what, from, toZone, row } = this;
    if (what === undefined || from === undefined) return;
    const { task } = this.view;
    const title = `Move ${this.whatWords} from ${from} to ${toZone}`;
    const run = this.act.run(title, {
      type: 'move',
      what,
      zone: from,
      toZone,
      ...(row === undefined ? {} : { status: row.status }),
      ...(task === undefined ? {} : { task }),
    });
    void run.then((result) => {
      if (result?.type === 'applied' || result?.type === 'waiting') this.reset();
    });
  };
}
customElements.define('move-screen', MoveScreen);
