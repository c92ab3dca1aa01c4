import type { ActRefusal } from '#contracts/acts.ts';
import type { FloorSession } from '#contracts/api/floor-api.ts';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { countOf } from '../format/numbers.ts';
import { formatClock, formatMinute } from '../format/times.ts';
import { brand } from '../shell/brand.ts';
import { icon } from '../ui/icons.ts';
import { LoadedParts } from '../ui/loaded-parts.ts';
import { NowController } from '../ui/now-controller.ts';
import { shapeOf } from '../ui/shapes.ts';
import { freshness } from '../shell/live-status.ts';
import '../ui/x-button.ts';
import '../ui/x-notice.ts';
import '../ui/x-skeleton.ts';
import type { FloorParts } from './floor-parts.ts';
import { floorPath, readFloorView, type FloorView } from './floor-paths.ts';
import { floorShellStyles } from './floor-shell-styles.ts';
import { screenParts } from './screens/screen-parts.ts';
import { refusalWords } from './words/act-words.ts';
import { bannerWords } from './words/hub-banner.ts';

/**
 * The frame around every screen: where one is, who one is, and what stands in the way: the gateway
 * that does not answer (then what is shown grows old and acts wait here), or the hub that is away
 * (then everything works).
 */
export class FloorShell extends LitElement {
  static override styles = floorShellStyles;
  static override properties = {
    parts: { attribute: false },
    session: { attribute: false },
  };
  declare parts: FloorParts;
  declare session: FloorSession;
  readonly #now = new NowController(this, () => this.parts);
  readonly #code = new LoadedParts(this);
  #ends: (() => void)[] = [];

  override connectedCallback(): void {
    super.connectedCallback();
    const { router, data, outbox, scanner } = this.parts;
    const again = () => this.requestUpdate();
    this.#ends = [
      router.changed.add(again),
      data.banner.subscribe(again),
      data.site.subscribe(again),
      outbox.changed.add(again),
      this.parts.watch.changed.add(again),
      // Below every screen: what no screen takes is looked up.
      scanner.take((code) => router.go(floorPath({ screen: 'find', code }))),
    ];
  }

  /** Every screen's code is fetched at once: the wireless network may be gone when it is needed. */
  override firstUpdated(): void {
    this.parts.clock.after(1000, () => {
      for (const { load } of Object.values(screenParts)) load().catch(() => {});
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#ends) end();
  }

  override render() {
    const view = readFloorView(this.parts.router.params);
    const screen = screenParts[view.screen];
    if (!this.hidden) document.title = `${screen.title} · Holdfast floor`;
    return html`<a class="skip" href="#main" @click=${this.#skip}>Skip to content</a>
      ${this.#top(view, screen.title)}
      <main id="main" tabindex="-1" @click=${this.#follow}>
        ${this.#ending()} ${this.#staleBanner()} ${this.#hubBanners()} ${this.#refused()}
        ${this.#brought()} ${this.#screen(view)}
      </main>
      ${this.#waiting()}`;
  }

  #top(view: FloorView, title: string): TemplateResult {
    const { site } = this.parts.data;
    const home = view.screen === 'home';
    const where = site.value === undefined ? '' : `${site.value.site} · ${site.value.gateway}`;
    return html`<header @click=${this.#follow}>
      <div class="within">
        ${
          home
            ? html`${brand()}
                <h1 class="where">${where || 'Floor'}</h1>`
            : html`<a
                  class="tool"
                  href=${floorPath({ screen: 'home' })}
                  aria-label="Back to all tasks"
                  >${icon('back')}</a
                >
                <h1>${title}</h1>
                <span class="where">${where}</span>`
        }
        <a class="person" href=${floorPath({ screen: 'person' })}
          ><span class="visually-hidden">Signed in as</span>${this.session.name}</a
        >
      </div>
    </header>`;
  }

  /** Drawn anew when what it is about changes, so that nothing of the former thing stays. */
  #screen(view: FloorView): TemplateResult {
    const { load, draw } = screenParts[view.screen];
    const state = this.#code.need(view.screen, load);
    if (state === 'loading') return html`<x-skeleton rows="4" label="Loading"></x-skeleton>`;
    if (state === 'failed') {
      return html`<x-notice
        tone="bad"
        heading="This screen could not be loaded"
        advice="Check the wireless network, then load the page again."
        ><x-button @click=${() => location.reload()}>Load again</x-button></x-notice
      >`;
    }
    const { code = '', document = '', zone = '', task = '', mode = '' } = view;
    const about = [view.screen, code, document, zone, task, mode].join('\n');
    return html`${keyed(about, draw(this.parts, this.session))}`;
  }

  /** Nobody used the page for a while. To touch it anywhere is enough. */
  #ending(): TemplateResult | typeof nothing {
    const { endsAtMs } = this.parts.watch;
    if (endsAtMs === undefined) return nothing;
    return html`<x-notice
      kind="banner"
      tone="warn"
      heading="You are signed out at ${formatMinute(endsAtMs, this.#now.ms)}."
      advice="What you typed stays, and so do acts that wait here. Touch the page to stay signed in."
      ><x-button>Stay signed in</x-button></x-notice
    >`;
  }

  #staleBanner(): TemplateResult | typeof nothing {
    const { banner } = this.parts.data;
    const { loaded } = banner;
    if (loaded.state === 'loading') return nothing;
    const asOfMs = loaded.state === 'ready' ? loaded.value.asOfMs : undefined;
    const { stale } = freshness(asOfMs, undefined, this.#now.ms);
    const { problem } = loaded;
    if (problem === undefined && !stale) return nothing;
    const shown = asOfMs === undefined ? '' : ` What you see was true at ${formatClock(asOfMs)}.`;
    return html`<x-notice
      kind="banner"
      tone="bad"
      heading="No answer from the gateway."
      advice="Check the wireless network. What you do is kept on this device and sent later.${shown}"
      ><x-button
        @click=${() => {
          banner.reload();
          this.parts.outbox.retry();
        }}
        >Try now</x-button
      ></x-notice
    >`;
  }

  #hubBanners(): TemplateResult | typeof nothing {
    const banner = this.parts.data.banner.value;
    if (banner === undefined) return nothing;
    return html`${bannerWords(banner, this.#now.ms).map(
      ({ tone, title, text }) =>
        html`<div class="banner ${tone}" role="status">
          <b>${shapeOf(tone)}${title}</b>
          <span>${text}</span>
        </div>`,
    )}`;
  }

  /** Acts that were refused while nobody was looking stay until somebody has seen it. */
  #refused(): TemplateResult[] {
    return this.parts.outbox.refused.map(
      ({ id, title, refused }) =>
        html`<x-notice
          kind="banner"
          tone="bad"
          heading="Not done: ${title}."
          advice=${whyRefused(refused)}
          ><x-button @click=${() => this.parts.outbox.forget(id)}>Seen</x-button></x-notice
        >`,
    );
  }

  /** Somebody else's acts went to be reviewed: whoever brought them is told so. */
  #brought(): TemplateResult | typeof nothing {
    const { brought } = this.parts.outbox;
    const [first] = brought;
    if (first === undefined) return nothing;
    const more = brought.length === 1 ? '' : ` and ${countOf(brought.length - 1, 'more', 'more')}`;
    return html`<x-notice
      kind="banner"
      tone="warn"
      heading="Sent for review: ${countOf(brought.length, 'act')} of somebody without rights now."
      advice="${first}${more}. Nothing of it was done; a task asks who has rights to look."
      ><x-button @click=${() => this.parts.outbox.forgetBrought()}>Seen</x-button></x-notice
    >`;
  }

  #waiting(): TemplateResult | typeof nothing {
    const { waiting } = this.parts.outbox;
    const [first] = waiting;
    if (first === undefined) return nothing;
    const more = waiting.length === 1 ? '' : ` and ${countOf(waiting.length - 1, 'more', 'more')}`;
    return html`<footer role="status">
      <div class="within">
        ${shapeOf('draining')}
        <span
          ><b>${countOf(waiting.length, 'act')} on the way.</b>
          <span class="muted">${first.title}${more}</span></span
        >
        <x-button @click=${() => this.parts.outbox.retry()}>Send now</x-button>
      </div>
    </footer>`;
  }

  readonly #follow = (event: MouseEvent): void => this.parts.router.follow(event);

  readonly #skip = (event: MouseEvent): void => {
    event.preventDefault();
    this.renderRoot.querySelector('main')?.focus();
  };
}
customElements.define('floor-shell', FloorShell);

/** A code of the acts in words; what else stands there is words already. */
function whyRefused(refused = ''): string {
  return Object.hasOwn(refusalWords, refused) ? refusalWords[refused as ActRefusal] : refused;
}
