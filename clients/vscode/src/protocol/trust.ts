/** Trust: what a configuration would do, and the user's consent. */

export interface TrustSummary {
  project: string;
  digest: string;
  trusted: boolean;
  lines: string[];
  files: string[];
  grants?: GrantAsked[];
  changes?: string[];
}

export interface GrantAsked {
  name: string;
  detail: string;
}

export interface GrantParams {
  project: string;
  digest: string;
  grants?: string[];
  once?: boolean;
}

export interface RevokeResult {
  revoked: boolean;
}
