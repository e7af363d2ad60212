/** What projects have left. */

export interface BelongingsParams {
  project?: string;
  scope?: "project" | "orphans" | "all";
}

export interface BelongingsResult {
  belongings?: Resource[];
  problems?: string[];
}

export interface Resource {
  kind: "container" | "image" | "cache" | "state" | "consent";
  id: string;
  name: string;
  project: string;
  environment?: string;
  engine?: string;
  size?: number;
}

export interface CleanParams {
  belongings: string[];
}

export interface CleanResult {
  removed?: string[];
  problems?: string[];
}
