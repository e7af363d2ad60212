/** Environments, and the progress of their preparation. */

export interface ProjectParams {
  project: string;
}

export interface EnvironmentParams {
  project: string;
  environment?: string;
}

export interface UpParams {
  project: string;
  environment?: string;
  rebuild?: boolean;
}

export interface DownResult {
  stopped: string[];
}

export interface Progress {
  message: string;
  percentage?: number;
  run?: string;
}
