-- Who was turned away for want of an account or an operator that another gives up: asked for with every decision.
CREATE INDEX applications_wanting_account ON applications (account_key) WHERE state IN ('rejected', 'reviewing');
CREATE INDEX applications_wanting_operator ON applications (operator_key) WHERE state IN ('rejected', 'reviewing');
CREATE INDEX applications_wanting_code ON applications (operator_code) WHERE state IN ('rejected', 'reviewing');
