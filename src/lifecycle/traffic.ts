/** What this process knows of the calls to an instance; another one knows nothing, and waits as long as calls may take. */
export interface Traffic {
  /** Calls under way to a url; undefined when others may make some. */
  inFlight(url: string): number | undefined;
  /** Closes the connections that are kept to it. */
  letGo(url: string): void;
}

export const unknownTraffic: Traffic = { inFlight: () => undefined, letGo: () => {} };
