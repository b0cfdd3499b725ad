package hub_test

const hubEnv = "PINTLE_TEST_HUB"

func hubProcess() int { return 0 }
