/** How often the server says that it is there while nothing changes. */
export const keepAliveMs = 5000;

/** Queued values are worth keeping for so long; longer only ties up the server. */
const shortestLifeMs = 60_000;
const longestLifeMs = 600_000;

/**
 * The rates of a subscription: values leave at the sampling rate, at most every 50 ms and at least
 * every second, and the server keeps queues for as long as they can hold what is sampled.
 */
export function subscriptionRates(
  samplingMs: number,
  queueSize: number,
): {
  readonly requestedPublishingInterval: number;
  readonly requestedMaxKeepAliveCount: number;
  readonly requestedLifetimeCount: number;
} {
  const publishingMs = Math.min(Math.max(samplingMs, 50), 1000);
  const lifeMs = Math.min(Math.max(samplingMs * queueSize, shortestLifeMs), longestLifeMs);
  return {
    requestedPublishingInterval: publishingMs,
    requestedMaxKeepAliveCount: Math.ceil(keepAliveMs / publishingMs),
    requestedLifetimeCount: Math.ceil(lifeMs / publishingMs),
  };
}
