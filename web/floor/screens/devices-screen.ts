import type { FloorRefused } from '#contracts/api/floor-api.ts';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import { html, nothing, type TemplateResult } from 'lit';
import { countOf } from '../../format/numbers.ts';
import { formatClock } from '../../format/times.ts';
import '../../ui/x-button.ts';
import '../../ui/x-notice.ts';
import '../../ui/x-skeleton.ts';
import { NowController } from '../../ui/now-controller.ts';
import { status } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { floorProblemWords } from '../data/floor-problem.ts';
import { floorPath } from '../floor-paths.ts';
import { FloorScreen } from '../floor-screen.ts';
import { floorStyles } from '../ui/floor-styles.ts';
import { secretsCard } from './secrets-card.ts';
import { deviceDetail, deviceState, openAlerts, sortedDevices } from '../words/device-words.ts';

/** Every device, those in trouble first, with why. */
export class DevicesScreen extends FloorScreen {
  static override styles = floorStyles;
  readonly #now = new NowController(this, () => this.parts);

  protected override watched() {
    return [this.parts.data.devices];
  }

  /** The name of a device on its label leads to what it reads. */
  protected override scanned(text: string): void {
    const device = this.parts.data.devices.value?.devices.find((each) => each.device === text);
    this.parts.router.go(
      device === undefined
        ? floorPath({ screen: 'find', code: text })
        : floorPath({ screen: 'flow', device: text }),
    );
  }

  override render() {
    const { loaded } = this.parts.data.devices;
    if (loaded.state === 'loading') {
      return html`<x-skeleton rows="5" label="Loading devices"></x-skeleton>`;
    }
    if (loaded.state === 'failed') {
      const { title, advice } = floorProblemWords(loaded.problem);
      return html`<x-notice tone="bad" heading=${title} advice=${advice}
        ><x-button @click=${() => this.parts.data.devices.reload()}>Try again</x-button></x-notice
      >`;
    }
    const { devices, alerts, asOfMs, refused = [], secrets = [] } = loaded.value;
    if (devices.length === 0) {
      return html`<x-notice
        heading="No device yet"
        advice="Devices are set up in the site's configuration; each shows here once it is."
      ></x-notice>`;
    }
    return html`<div class="columns">
      <div>
        <section class="card" aria-label="Devices">
          <div class="title">
            <h2>${countOf(devices.length, 'device')}</h2>
            <span class="note">as of ${formatClock(asOfMs)}</span>
          </div>
          <ul class="rows">
            ${sortedDevices(devices).map(
              (device) => html`<li class="flush">${this.#device(device)}</li>`,
            )}
          </ul>
        </section>
      </div>
      <div>
        ${this.#alerts(openAlerts(alerts))}${this.#refused(refused)}${secretsCard(secrets, this.#now.ms)}
      </div>
    </div>`;
  }

  #device(device: DeviceHealth): TemplateResult {
    const { tone, words } = deviceState(device);
    return html`<a class="tap" href=${floorPath({ screen: 'flow', device: device.device })}
      ><div class="line"><span class="name">${device.device}</span>${status(tone, words)}</div>
      <div class="note">${deviceDetail(device, this.#now.ms)}</div>
      ${(device.faults ?? [])
        .slice(0, 3)
        .map(
          ({ text, subject, sinceMs }) =>
            html`<p class="note">
              ${subject === undefined ? '' : `${subject}: `}${text} (since
              ${timeAgo(sinceMs, this.#now.ms)})
            </p>`,
        )}</a
    >`;
  }

  /** Nothing at all where nobody was refused: most days, for most people. */
  #refused(refused: readonly FloorRefused[]): TemplateResult | typeof nothing {
    if (refused.length === 0) return nothing;
    return html`<section class="card" aria-label="Not let in">
      <h2>Not let in, or denied a topic</h2>
      <ul class="rows">
        ${refused.map(
          ({ who, address, cause, remedy, count, lastMs }) =>
            html`<li>
              <div class="line">
                <span class="name">${who}</span
                ><span class="note">${timeAgo(lastMs, this.#now.ms)}</span>
              </div>
              <div>${status('warn', cause)}</div>
              <p class="note">
                ${address === undefined ? '' : `From ${address}, `}${countOf(count, 'time')}.
                ${remedy}
              </p>
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #alerts(alerts: ReturnType<typeof openAlerts>): TemplateResult {
    return html`<section class="card" aria-label="Alerts">
      <h2>Alerts</h2>
      ${
        alerts.length === 0
          ? html`<p class="none">None is open.</p>`
          : html`<ul class="rows">
              ${alerts.map(
                ({ text, zone, device, openedAt }) =>
                  html`<li>
                    <div class="line">
                      <span class="name">${zone ?? device ?? ''}</span
                      ><span class="note">${timeAgo(openedAt, this.#now.ms)}</span>
                    </div>
                    <div>${status('bad', 'open')} <span class="note">${text}</span></div>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }
}
customElements.define('devices-screen', DevicesScreen);
