-- A promise stands for one of two reasons only: the requester was asked, or the city approved a plan.

ALTER TABLE clock ADD CONSTRAINT clock_paused_for CHECK (paused_for IN ('needs_info', 'suspended'));
